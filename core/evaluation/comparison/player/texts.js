/* A reply's text on the screen, up to one of its characters. */

/* Counts characters as Python does, where one of them may be two units here. */
class Characters {
  constructor(text) {
    this.text = text;
    this.list = /[\ud800-\udfff]/.test(text) ? Array.from(text) : null;
    this.length = this.list ? this.list.length : text.length;
  }

  slice(start, end) {
    return this.list ? this.list.slice(start, end).join("") : this.text.slice(start, end);
  }
}

/* A text on the screen, up to one of its characters. A paragraph gets its form when it is whole. */
class Flow {
  constructor(element) {
    this.element = element;
    this.drawn = [];
  }

  /* Returns whether anything changed. */
  show(side, characters, upto, offered = []) {
    const parts = this.parts(side.blocks, characters, upto, offered);
    let changed = false;
    parts.forEach((part, at) => {
      if (this.drawn[at]?.key === part.key) {
        changed = this.extend(this.drawn[at], part) || changed;
      } else {
        const made = { key: part.key, element: part.make(), length: part.text?.length };
        if (this.drawn[at]) this.drawn[at].element.replaceWith(made.element);
        else this.element.append(made.element);
        this.drawn[at] = made;
        changed = true;
      }
    });
    for (const gone of this.drawn.splice(parts.length)) {
      gone.element.remove();
      changed = true;
    }
    return changed;
  }

  clear() {
    this.element.replaceChildren();
    this.drawn = [];
  }

  extend(drawn, part) {
    if (part.text === undefined || drawn.length === part.text.length) return false;
    drawn.element.firstChild.data = part.text;
    drawn.length = part.text.length;
    return true;
  }

  parts(blocks, characters, upto, offered) {
    const parts = [];
    const notes = [...offered].sort((one, other) => one.at - other.at);
    const addNotes = (end) => {
      while (notes.length && notes[0].at <= end) {
        const note = notes.shift();
        if (note.at <= upto) parts.push({ key: `note ${note.at} ${note.name}`, make: () => inset(note) });
      }
    };
    for (const block of blocks) {
      addNotes(block.start);
      if (upto <= block.start) break;
      parts.push(this.part(block, characters, upto));
    }
    addNotes(upto);
    return parts;
  }

  part(block, characters, upto) {
    const indent = block.indent ? `vm-block vm-indent-${block.indent}` : "vm-block";
    if (block.nodes && upto >= block.end) {
      const make = () => el("div", indent, ...block.nodes.map(build));
      return { key: `nodes ${block.start} ${block.end}`, make };
    }
    const text = characters.slice(block.start, Math.min(upto, block.end)).trimStart();
    const make = () => el("div", `${indent} vm-arriving`, document.createTextNode(text));
    return { key: `text ${block.start}`, text, make };
  }
}

/* A note that was offered during the reply, where it was. */
function inset(note) {
  const name = el("span", "vm-inset-name", ...breakable(note.name));
  const made = el("aside", "vm-inset", el("span", "vm-inset-label", "offered here"), name);
  if (note.instruction) made.append(el("span", "vm-inset-words", note.instruction));
  if (note.why) made.append(el("span", "vm-inset-why", note.why));
  return made;
}
