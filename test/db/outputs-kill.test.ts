import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openOutputs } from '../../src/io/outputs.ts';

const STORM = fileURLToPath(new URL('outputs-storm.ts', import.meta.url));

it('an output has every byte that was answered, in its place, however often the server is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-outputs-'));
  const answered = new Map<string, number>();
  for (let round = 0; round < 6; round += 1) {
    const child = spawn(process.execPath, [STORM, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let lines = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const [run, length, done] = line.split(' ');
      if (run !== undefined && done === 'done') answered.set(run, Number(length));
      if (++lines === 100 + round * 150) child.kill('SIGKILL');
    }
    const outputs = await openOutputs(folder);
    for (const [run, length] of answered) {
      assert.ok((await outputs.length(run)) >= length);
      for (let at = 0; ; ) {
        const pieces = await outputs.read(run, at, 200_000);
        if (pieces.length === 0) break;
        for (const { offset, bytes } of pieces) {
          assert.equal(offset, at);
          assert.ok(bytes.every((byte, index) => byte === (at + index) % 251));
          at += bytes.length;
        }
      }
    }
    await outputs.close();
  }
  assert.equal(answered.size, 3);
  rmSync(folder, { recursive: true });
});
