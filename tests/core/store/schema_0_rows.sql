-- What people had in a database of the first schema: two handbooks, a run with its traces and
-- verdicts, imports, proposals and decisions. Never edited, like the schema beside it.

INSERT INTO handbook VALUES
    (1, 'math', 'Math', '', 'en', 'MIT', '["Ann"]', 'By hand.', '{}', '2025-03-01 09:00:00', '2025-03-01 09:00:00'),
    (2, 'other', 'Other', '', 'en', '', '[]', '', '{}', '2025-03-01 09:00:00', '2025-03-01 09:00:00');

INSERT INTO problem VALUES (1, 'd1', 'What is 2 + 2?', '4', 'Algebra', '{}');

INSERT INTO behavior VALUES
    (1, 1, 'behavior_halve_first', 'Given a diameter, halve it.', 'Geometry', NULL, '[]', 'accepted', NULL, '{}', '{}', 2, '2025-03-02 10:00:00', '2025-03-04 10:11:00', 'ann'),
    (2, 1, 'behavior_split_cases', 'When cases differ, split them.', 'Logic', NULL, '[]', 'accepted', NULL, '{}', '{}', 1, '2025-03-02 10:00:00', '2025-03-02 10:00:00', 'vademecum'),
    (3, 1, 'behavior_mine', 'When it is mine, keep it.', 'Logic', NULL, '[]', 'accepted', NULL, '{}', '{}', 1, '2025-03-02 10:00:00', '2025-03-02 10:00:00', 'ann'),
    (4, 1, 'behavior_check_parity', 'When both sides are whole, compare their parity.', 'Algebra', NULL, '[]', 'accepted', NULL, '{}', '{}', 1, '2025-03-02 11:00:00', '2025-03-02 11:00:00', 'vademecum'),
    (5, 1, 'behavior_group_terms', 'Group terms that cancel each other.', 'Algebra', NULL, '["Größe"]', 'accepted', NULL, '{"leak": "holds 4"}', '{}', 3, '2025-03-03 10:00:00', '2025-03-04 10:05:00', 'ann'),
    (6, 2, 'behavior_halve_first', 'Elsewhere.', '', NULL, '[]', 'accepted', NULL, '{}', '{}', 1, '2025-03-03 10:00:00', '2025-03-03 10:00:00', 'ann'),
    (7, 1, 'behavior_guess', 'When in doubt, guess a number.', 'Algebra', NULL, '[]', 'rejected', NULL, '{}', '{}', 2, '2025-03-03 10:00:00', '2025-03-04 10:10:00', 'bob');

INSERT INTO run VALUES
    (1, 'solve', 'A run', 1, '[1]', '{}', '{}', 'abc', 'ann', '2025-03-03 09:00:00');

INSERT INTO trace VALUES
    (1, 1, 1, 'strategist', 'solve', 0, 1, NULL, 'qwen', 'qwen-solver', '{}', 7, 'h', '[]', '', 'It is 4.', '', 'stop', NULL, NULL, 1, NULL, NULL, 1, NULL, 0.1, 0.2, '[]', '2025-03-03 09:01:00'),
    (2, 1, 1, 'strategist', 'reflect', 0, 1, 1, 'qwen', 'qwen-reflector', '{}', 7, 'h', '[]', '', 'Good.', '', 'stop', NULL, NULL, 1, NULL, NULL, 1, NULL, 0.1, 0.2, '[]', '2025-03-03 09:02:00'),
    (3, 1, 1, 'strategist', 'extract', 0, 1, 2, 'qwen', 'qwen-extractor', '{}', 7, 'h', '[]', '', '{}', '', 'stop', NULL, NULL, 1, NULL, NULL, 1, NULL, 0.1, 0.2, '[]', '2025-03-03 09:03:00'),
    (4, 1, 1, 'strategist', 'extract', 1, 1, NULL, 'qwen', 'qwen-extractor', '{}', 7, 'h', '[]', '', '{}', '', 'stop', NULL, NULL, 1, NULL, NULL, 1, NULL, 0.1, 0.2, '[]', '2025-03-03 09:04:00');

INSERT INTO verdict VALUES (1, 1, '4', 1, 'exact');

INSERT INTO source VALUES (1, 5, 3, 'extract', 0, 40), (2, 7, 4, 'extract', 0, 40);

INSERT INTO operation VALUES
    (1, 1, 1, 'import', '{}', '{"name": "behavior_halve_first", "instruction": "When a diameter is given, halve it.", "topic": "Geometry", "avoid_when": null, "tags": [], "status": "accepted"}', 'math', 'vademecum', '2025-03-02 10:00:00'),
    (2, 1, 2, 'import', '{}', '{"name": "behavior_split_cases", "instruction": "When cases differ, split them.", "topic": "Logic", "avoid_when": null, "tags": [], "status": "accepted"}', 'math', 'vademecum', '2025-03-02 10:00:00'),
    (3, 1, 3, 'import', '{}', '{"name": "behavior_mine", "instruction": "When it is mine, keep it.", "topic": "Logic", "avoid_when": null, "tags": [], "status": "accepted"}', 'mine.json', 'ann', '2025-03-02 10:30:00'),
    (4, 1, 4, 'import', '{}', '{"name": "behavior_check_parity", "instruction": "When both sides are whole, compare their parity.", "topic": "Algebra", "avoid_when": null, "tags": [], "status": "accepted"}', 'more', 'vademecum', '2025-03-02 11:00:00'),
    (5, 1, 5, 'propose', '{}', '{"name": "behavior_group_terms", "instruction": "Group terms that cancel each other, then add up what is left of them.", "topic": "Algebra", "avoid_when": null, "tags": ["Größe"], "status": "proposed"}', 'run 1', 'qwen', '2025-03-03 10:00:00'),
    (6, 2, 6, 'import', '{}', '{"name": "behavior_halve_first", "instruction": "Elsewhere.", "topic": "", "avoid_when": null, "tags": [], "status": "accepted"}', 'other', 'ann', '2025-03-03 10:00:00'),
    (7, 1, 7, 'propose', '{}', '{"name": "behavior_guess", "instruction": "When in doubt, guess a number.", "topic": "Algebra", "avoid_when": null, "tags": [], "status": "proposed"}', 'run 1', 'qwen', '2025-03-03 10:00:00'),
    (8, 1, 5, 'edit', '{"instruction": "Group terms that cancel each other, then add up what is left of them."}', '{"instruction": "Group terms that cancel each other."}', '', 'ann', '2025-03-04 10:05:00'),
    (9, 1, 5, 'accept', '{"status": "proposed"}', '{"status": "accepted"}', '', 'ann', '2025-03-04 10:05:00'),
    (10, 1, 7, 'reject', '{"status": "proposed"}', '{"status": "rejected"}', 'trivial', 'bob', '2025-03-04 10:10:00'),
    (11, 1, 1, 'edit', '{"instruction": "When a diameter is given, halve it."}', '{"instruction": "Given a diameter, halve it."}', 'Shorter.', 'ann', '2025-03-04 10:11:00');
