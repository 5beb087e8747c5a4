import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Report } from '../../contract/agent.ts';
import type { OutputPiece } from '../parts.ts';
import { type ReportDoors, type RunFact, takeReports } from './take-reports.ts';

/** A server that remembers; `hosts` says who executes what. */
function serverOf(hosts: Readonly<Record<string, string>>) {
  const outputs = new Map<string, Buffer>();
  const facts: RunFact[] = [];
  const warnings: string[] = [];
  const doors: ReportDoors = {
    log: { info: () => {}, warn: (message) => void warnings.push(message), error: () => {} },
    ordered: async (run) => (hosts[run] === undefined ? null : { host: hosts[run], outputLimitBytes: 1000 }),
    onReport: async (_host, fact) => void facts.push(fact),
    outputs: {
      length: async (run) => outputs.get(run)?.length ?? 0,
      append: async (run: string, { offset, bytes }: OutputPiece) => {
        const known = outputs.get(run) ?? Buffer.alloc(0);
        if (offset > known.length) return known.length;
        const longer = Buffer.concat([known, bytes.subarray(known.length - offset)]);
        outputs.set(run, longer);
        return longer.length;
      },
    },
  };
  return { doors, outputs, facts, warnings };
}

function chunk(run: string, offset: number, text: string): Report {
  return { type: 'output', run, offset, at: 1, stream: 'stdout', data: Buffer.from(text).toString('base64') };
}

function finished(run: string, outputBytes: number): Report {
  const rest = { exitCode: 0, signal: null, message: '', outputTruncated: false };
  return { type: 'finished', run, fence: 1, at: 2, how: 'exit', outputBytes, ...rest };
}

test('output and end are taken together, and the run is settled', async () => {
  const { doors, outputs, facts } = serverOf({ r1: 'box' });
  const answer = await takeReports(doors, 'box', [chunk('r1', 0, 'abc'), chunk('r1', 3, 'def'), finished('r1', 6)]);
  assert.deepEqual(answer, { offsets: { r1: 6 }, settled: ['r1'] });
  assert.equal(outputs.get('r1')?.toString(), 'abcdef');
  assert.equal(facts.length, 1);
});

test('after a gap nothing of that run is taken, and the end is not believed', async () => {
  const { doors, outputs, facts } = serverOf({ r1: 'box', r2: 'box' });
  const reports = [chunk('r1', 0, 'abc'), chunk('r1', 5, 'fg'), finished('r1', 7), chunk('r2', 0, 'x'), finished('r2', 1)];
  assert.deepEqual(await takeReports(doors, 'box', reports), { offsets: { r1: 3, r2: 1 }, settled: ['r2'] });
  assert.deepEqual(
    facts.map(({ run }) => run),
    ['r2'],
  );
  assert.equal(outputs.get('r1')?.toString(), 'abc');
  assert.deepEqual(await takeReports(doors, 'box', [finished('r1', 7)]), { offsets: { r1: 3 }, settled: [] });
});

test('runs of another host and unknown ones are not touched, and the agent is told to forget them', async () => {
  const { doors, outputs, facts, warnings } = serverOf({ r1: 'other' });
  const answer = await takeReports(doors, 'box', [chunk('r1', 0, 'x'), finished('r1', 1), finished('nobody', 0)]);
  assert.deepEqual(answer, { offsets: {}, settled: ['r1', 'nobody'] });
  assert.deepEqual([outputs.size, facts.length, warnings.length], [0, 0, 2]);
});

test('whatever is repeated, cut or lost, the output is complete once an agent that goes on from the answers has ended', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.array(fc.nat(2), { maxLength: 30 }), async (lengths, faults) => {
      const { doors, outputs, facts } = serverOf({ r1: 'box' });
      const text = lengths.map((length, index) => String.fromCharCode(97 + index).repeat(length)).join('');
      const queue = [...faults];
      let at = 0;
      for (let tries = 0; tries < 200; tries += 1) {
        const reports: Report[] = [];
        for (let from = at; from < text.length; from += 5) reports.push(chunk('r1', from, text.slice(from, from + 5)));
        reports.push(finished('r1', text.length));
        const fault = queue.shift() ?? 0;
        if (fault === 1) reports.splice(Math.floor(reports.length / 2), 1);
        const answer = await takeReports(doors, 'box', reports);
        if (fault === 2) continue;
        if (answer.settled.includes('r1')) break;
        at = answer.offsets['r1'] ?? at;
      }
      assert.equal(outputs.get('r1')?.toString() ?? '', text);
      assert.ok(facts.length > 0);
    }),
  );
});

test('an agent cannot fill the disk: output far beyond what was allowed is not kept', async () => {
  const { doors, outputs, warnings } = serverOf({ r1: 'box' });
  const answer = await takeReports(doors, 'box', [chunk('r1', 0, 'abc'), chunk('r1', 80 << 20, 'x'), chunk('r1', 3, 'def')]);
  assert.deepEqual(answer, { offsets: { r1: 3 }, settled: ['r1'] });
  assert.equal(outputs.get('r1')?.toString(), 'abc');
  assert.equal(warnings.length, 1);
});
