-- The tables as they were before the first migration (schema 0). Never edited: what changes them
-- is a migration, and tests/core/store/test_migrations.py runs them all on this.

CREATE TABLE handbook (
    id INTEGER NOT NULL,
    slug VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    licence VARCHAR NOT NULL,
    authors JSON NOT NULL,
    made VARCHAR NOT NULL,
    extra JSON NOT NULL,
    created DATETIME NOT NULL,
    changed DATETIME NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (slug)
);

CREATE TABLE problem (
    id INTEGER NOT NULL,
    digest VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    gold VARCHAR,
    topic VARCHAR NOT NULL,
    extra JSON NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (digest)
);

CREATE TABLE endpoint (
    id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    base_url VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    key_env VARCHAR,
    context_length INTEGER,
    price_in FLOAT,
    price_cached FLOAT,
    price_out FLOAT,
    thinking VARCHAR NOT NULL,
    concurrency INTEGER NOT NULL,
    found JSON NOT NULL,
    embedded VARCHAR,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE behavior (
    id INTEGER NOT NULL,
    handbook_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    instruction VARCHAR NOT NULL,
    topic VARCHAR NOT NULL,
    avoid_when VARCHAR,
    tags JSON NOT NULL,
    status VARCHAR NOT NULL,
    merged_into INTEGER,
    marks JSON NOT NULL,
    extra JSON NOT NULL,
    version INTEGER NOT NULL,
    created DATETIME NOT NULL,
    changed DATETIME NOT NULL,
    "by" VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(handbook_id) REFERENCES handbook (id) ON DELETE CASCADE,
    FOREIGN KEY(merged_into) REFERENCES behavior (id) ON DELETE SET NULL
);

CREATE UNIQUE INDEX behavior_accepted_name ON behavior (handbook_id, name) WHERE status = 'accepted';

CREATE INDEX behavior_by_status ON behavior (handbook_id, status, topic, name);

CREATE TABLE run (
    id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    handbook_id INTEGER,
    problem_ids JSON NOT NULL,
    params JSON NOT NULL,
    prompts JSON NOT NULL,
    code_version VARCHAR NOT NULL,
    "by" VARCHAR NOT NULL,
    created DATETIME NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(handbook_id) REFERENCES handbook (id) ON DELETE SET NULL
);

CREATE TABLE operation (
    id INTEGER NOT NULL,
    handbook_id INTEGER NOT NULL,
    behavior_id INTEGER,
    kind VARCHAR NOT NULL,
    "before" JSON NOT NULL,
    "after" JSON NOT NULL,
    why VARCHAR NOT NULL,
    "by" VARCHAR NOT NULL,
    at DATETIME NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(handbook_id) REFERENCES handbook (id) ON DELETE CASCADE,
    FOREIGN KEY(behavior_id) REFERENCES behavior (id) ON DELETE CASCADE
);

CREATE INDEX ix_operation_behavior_id ON operation (behavior_id);

CREATE INDEX ix_operation_handbook_id ON operation (handbook_id);

CREATE TABLE job (
    id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    run_id INTEGER,
    params JSON NOT NULL,
    status VARCHAR NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    note VARCHAR NOT NULL,
    stop BOOLEAN NOT NULL,
    owner VARCHAR NOT NULL,
    "by" VARCHAR NOT NULL,
    created DATETIME NOT NULL,
    started DATETIME,
    finished DATETIME,
    PRIMARY KEY (id),
    FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
);

CREATE INDEX ix_job_run_id ON job (run_id);

CREATE TABLE trace (
    id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    problem_id INTEGER NOT NULL,
    arm VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    sample INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    follows INTEGER,
    endpoint VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    params JSON NOT NULL,
    seed INTEGER,
    prompt_hash VARCHAR NOT NULL,
    messages JSON NOT NULL,
    thinking VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    finish_reason VARCHAR,
    error_kind VARCHAR,
    error VARCHAR,
    input_tokens INTEGER,
    cached_tokens INTEGER,
    reasoning_tokens INTEGER,
    output_tokens INTEGER,
    price FLOAT,
    first_token_seconds FLOAT,
    seconds FLOAT,
    chunks JSON NOT NULL,
    created DATETIME NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (run_id, problem_id, arm, stage, sample, attempt),
    FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE,
    FOREIGN KEY(problem_id) REFERENCES problem (id),
    FOREIGN KEY(follows) REFERENCES trace (id) ON DELETE SET NULL
);

CREATE INDEX ix_trace_run_id ON trace (run_id);

CREATE TABLE source (
    id INTEGER NOT NULL,
    behavior_id INTEGER NOT NULL,
    trace_id INTEGER,
    stage VARCHAR NOT NULL,
    start INTEGER,
    "end" INTEGER,
    PRIMARY KEY (id),
    FOREIGN KEY(behavior_id) REFERENCES behavior (id) ON DELETE CASCADE,
    FOREIGN KEY(trace_id) REFERENCES trace (id) ON DELETE SET NULL
);

CREATE INDEX ix_source_behavior_id ON source (behavior_id);

CREATE INDEX ix_source_trace_id ON source (trace_id);

CREATE TABLE verdict (
    id INTEGER NOT NULL,
    trace_id INTEGER NOT NULL,
    extracted VARCHAR,
    correct BOOLEAN,
    grader VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (trace_id),
    FOREIGN KEY(trace_id) REFERENCES trace (id) ON DELETE CASCADE
);

CREATE TABLE schema_version (number INTEGER NOT NULL);

INSERT INTO schema_version VALUES (0);
