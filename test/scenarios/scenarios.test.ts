import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseConfig } from '../../src/core/config/parse-config.ts';
import { formatProblem } from '../../src/core/base/problem.ts';
import { parseScenario } from '../../src/core/scenarios/parse-scenario.ts';
import { missingLines, playScenario } from '../../src/sim/play-scenario.ts';

for (const file of globSync('test/scenarios/*.yml').sort()) {
  const scenario = parseScenario(file, readFileSync(file, 'utf8'));
  test(`${file}: ${scenario.value?.name ?? 'cannot be read'}`, async () => {
    assert.ok(scenario.value !== null, scenario.problems.map(formatProblem).join('\n'));
    const settings = parseConfig([{ path: file, text: scenario.value.configuration }], { builtIn: null });
    assert.ok(settings.value !== null, settings.problems.map(formatProblem).join('\n'));
    const simulation = await playScenario(scenario.value, settings.value);
    const missing = missingLines(scenario.value, simulation.trace);
    await simulation.close();
    assert.deepEqual(missing, [], `the trace was:\n${simulation.trace.join('\n')}`);
  });
}
