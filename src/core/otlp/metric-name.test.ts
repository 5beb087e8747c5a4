import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelName, metricName, type Named } from './metric-name.ts';

/** Names from the OpenTelemetry specification and from the tests of its translators, as facts. */
const TABLE: readonly (readonly [string, string, Named['kind'], string])[] = [
  ['system.filesystem.usage', 'By', 'other', 'system_filesystem_usage_bytes'],
  ['system.io', 'foo/bar', 'gauge', 'system_io_foo_per_bar'],
  ['system.network.dropped', '{packets}', 'counter', 'system_network_dropped_total'],
  ['system.cpu.utilization', '1', 'gauge', 'system_cpu_utilization_ratio'],
  ['active_directory.ds.replication.network.io', 'By', 'counter', 'active_directory_ds_replication_network_io_bytes_total'],
  ['redis.keyspace.hits', '', 'counter', 'redis_keyspace_hits_total'],
  ['http.server.duration', 'ms', 'other', 'http_server_duration_milliseconds'],
  ['process.runtime.speed', 'm/s', 'gauge', 'process_runtime_speed_meters_per_second'],
  ['requests_total', '1', 'counter', 'requests_total'],
  ['memory_bytes', 'By', 'gauge', 'memory_bytes'],
  ['total.requests', '', 'counter', 'requests_total'],
  ['cpu.temp', 'Cel', 'gauge', 'cpu_temp_celsius'],
  ['1xx.responses', '', 'other', '_1xx_responses'],
  ['größe', '', 'other', 'gr_e'],
  ['a--b..c', 's', 'other', 'a_b_c_seconds'],
  ['broken', '{requests}/s', 'other', 'broken_per_second'],
  ['odd', 'req/{user}', 'other', 'odd_req'],
  ['…', '', 'gauge', ''],
];

for (const [name, unit, kind, expected] of TABLE) {
  test(`${name} in ${JSON.stringify(unit)}, a ${kind}, is ${expected}`, () => assert.equal(metricName({ name, unit, kind }), expected));
}

const STRATEGIES: readonly (readonly [Parameters<typeof metricName>[1], Named, string])[] = [
  ['UnderscoreEscapingWithoutSuffixes', { name: 'http.server.duration', unit: 's', kind: 'counter' }, 'http_server_duration'],
  ['NoUTF8EscapingWithSuffixes', { name: 'http.server.duration', unit: 'ms', kind: 'other' }, 'http.server.duration_milliseconds'],
  ['NoUTF8EscapingWithSuffixes', { name: 'größe.total', unit: 'By/s', kind: 'counter' }, 'größe.total_bytes_per_second_total'],
  ['NoUTF8EscapingWithSuffixes', { name: 'requests_total', unit: '1', kind: 'counter' }, 'requests_total'],
  ['NoUTF8EscapingWithSuffixes', { name: 'cpu.use', unit: '1', kind: 'gauge' }, 'cpu.use_ratio'],
  ['NoTranslation', { name: 'cpu.use', unit: '1', kind: 'gauge' }, 'cpu.use'],
];
for (const [strategy, named, expected] of STRATEGIES) {
  test(`${named.name} is ${expected} under ${strategy}`, () => assert.equal(metricName(named, strategy), expected));
}

test('names of labels', () => {
  assert.deepEqual(
    ['http.method', 'k8s-pod', '0x', 'ok', '__x', 'ä'].map((name) => labelName(name)),
    ['http_method', 'k8s_pod', 'key_0x', 'ok', '__x', '_'],
  );
});

test('whatever the name and unit are, the result is a name of the older kind, or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('counter', 'gauge', 'other'), (name, unit, kind) => {
      assert.match(metricName({ name, unit, kind }), /^(?:[a-zA-Z_:][\w:]*)?$/);
      assert.match(labelName(name), /^(?:[a-zA-Z_]\w*)?$/);
    }),
  );
});
