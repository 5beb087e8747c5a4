import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTargetGroups } from './parse-target-groups.ts';

const GROUPS = [{ targets: ['a:1', 'b:2'], labels: { env: 'prod', __meta_x: '1' } }];

test('groups in JSON and in YAML', () => {
  assert.deepEqual(parseTargetGroups(JSON.stringify(GROUPS), 'json', 'f').value, GROUPS);
  assert.deepEqual(parseTargetGroups('- targets: [a:1, "b:2"]\n  labels: { env: prod, __meta_x: 1 }\n', 'yaml', 'f.yml').value, GROUPS);
  assert.deepEqual(parseTargetGroups('[]', 'json', 'f').value, []);
  assert.deepEqual(parseTargetGroups('# nothing\n', 'yaml', 'f').value, []);
  assert.deepEqual(parseTargetGroups('[{"targets":["a"],"labels":null}]', 'json', 'f').value, [{ targets: ['a'], labels: {} }]);
});

test('what is wrong is said, and nothing of it is used', () => {
  const problem = (text: string): string => {
    const { value, problems } = parseTargetGroups(text, 'json', 'f');
    assert.equal(value, null);
    return problems[0]?.message ?? '';
  };
  assert.match(problem('{'), /list of groups/);
  assert.match(problem('{"targets":[]}'), /list of groups/);
  assert.match(problem('[{"targets":["a"]},{"targets":[1]}]'), /group 2: targets/);
  assert.match(problem('[{"targets":["a"],"labels":{"":"c"}}]'), /"" is no label name/);
  assert.match(problem('[{"targets":["a"],"labels":{"a":1}}]'), /label a must be a text/);
  assert.match(problem('[{"target":["a"]}]'), /unknown key "target"/);
  fc.assert(fc.property(fc.json(), (text) => void parseTargetGroups(text, 'json', 'f')));
  fc.assert(fc.property(fc.string(), (text) => void parseTargetGroups(text, 'yaml', 'f')));
});
