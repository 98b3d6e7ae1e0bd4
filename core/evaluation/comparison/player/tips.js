/* The note beside a citation or a behavior that somebody points at or tabs to. */

class Tip {
  constructor(root) {
    this.root = root;
    this.note = el("div", "vm-tip");
    this.note.id = `vm-tip-${Math.random().toString(36).slice(2)}`;
    this.note.setAttribute("role", "tooltip");
    this.note.hidden = true;
    const onTarget = (event) => this.showFor(event.target.closest?.(".vm-cite, .vm-chip"));
    root.addEventListener("pointerover", onTarget);
    root.addEventListener("focusin", onTarget);
    root.addEventListener("pointerleave", () => this.hide());
    root.addEventListener("focusout", () => this.hide());
  }

  get isShown() {
    return !this.note.hidden;
  }

  showFor(target) {
    if (target === this.target) return;
    this.hide();
    if (!target?.vmTip) return;
    this.target = target;
    // One note is enough: the browser would show its own over this one.
    target.removeAttribute("title");
    target.setAttribute("aria-describedby", this.note.id);
    const { name, words } = target.vmTip;
    const invented = target.classList.contains("vm-invented") || target.closest(".vm-list-invented");
    this.note.classList.toggle("vm-tip-invented", Boolean(invented));
    this.note.replaceChildren(el("strong", "vm-tip-name", name), el("span", "vm-tip-words", words));
    this.note.hidden = false;
    this.place(target.getClientRects()[0] ?? target.getBoundingClientRect());
  }

  place(place) {
    const frame = this.root.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.note;
    const left = Math.min(Math.max(8, place.left - frame.left), Math.max(8, frame.width - width - 8));
    const over = place.top - height - 8;
    const top = over > 0 ? over - frame.top : place.bottom - frame.top + 8;
    this.note.style.left = `${left}px`;
    this.note.style.top = `${top}px`;
  }

  hide() {
    const target = this.target;
    this.target = null;
    this.note.hidden = true;
    if (!target) return;
    target.title = target.vmTip.words || target.vmTip.name;
    target.removeAttribute("aria-describedby");
  }
}
