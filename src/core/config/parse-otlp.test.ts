import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../base/problem.ts';
import { DEFAULT_OTLP_RULES } from '../otlp/otlp-rules.ts';
import { parseConfig } from './parse-config.ts';

function parse(text: string) {
  const { value, problems } = parseConfig([{ path: 'f', text }], { builtIn: null });
  return { rules: value?.otlp, problems: problems.map(formatProblem) };
}

test('the section otlp of a prometheus.yml', () => {
  assert.deepEqual(parse('').rules, DEFAULT_OTLP_RULES);
  const { rules } = parse(`otlp:
  translation_strategy: NoTranslation
  promote_resource_attributes: [host.name, k8s.pod.name]
  keep_identifying_resource_attributes: true
  promote_scope_metadata: true
`);
  assert.deepEqual(rules, {
    strategy: 'NoTranslation',
    promoted: ['host.name', 'k8s.pod.name'],
    ignored: [],
    isIdentityKept: true,
    isScopePromoted: true,
  });
  const all = parse('otlp: { promote_all_resource_attributes: true, ignore_resource_attributes: [a] }');
  assert.deepEqual([all.rules?.promoted, all.rules?.ignored], ['all', ['a']]);
});

test('what contradicts itself, or is not there, is told', () => {
  const first = (text: string): string => parse(`otlp: { ${text} }`).problems[0] ?? '';
  assert.match(first('translation_strategy: None'), /expected UnderscoreEscapingWithSuffixes/);
  assert.match(first('promote_all_resource_attributes: true, promote_resource_attributes: [a]'), /give promote_resource_attributes or/);
  assert.match(first('ignore_resource_attributes: [a]'), /needs promote_all_resource_attributes/);
  assert.match(first('convert_histograms_to_nhcb: true'), /not supported by this version/);
});
