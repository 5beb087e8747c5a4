import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLabels } from '../../core/base/labels.ts';
import { openLog } from '../../io/log.ts';
import { openManualClock } from '../../../test/doors/manual-clock.ts';
import { openMemoryFiles } from '../../../test/doors/memory-files.ts';
import { openTextfile } from './textfile.ts';

function reader(initial: Readonly<Record<string, string>>) {
  const files = openMemoryFiles(initial);
  const lines: string[] = [];
  const log = openLog({ level: 'info', now: () => 0, write: (line) => lines.push(line) });
  const collector = openTextfile('/text', log);
  const from = { files, clock: openManualClock(0), proc: '/proc', sys: '/sys', root: '' };
  const read = async (): Promise<string[]> =>
    (await collector.collect(from)).map(({ labels, value }) => `${formatLabels(labels)} ${value}`).sort();
  return { files, lines, read };
}

test('each file gives its samples and its age', async () => {
  const { files, read } = reader({
    '/text/a.prom': '# TYPE a gauge\na{x="1"} 2\n',
    '/text/b.prom': 'b NaN\n',
    '/text/.c.prom': 'c 1\n',
    '/text/d.txt': 'd 1\n',
  });
  files.modifiedAt.set('/text/a.prom', 1_500);
  assert.deepEqual(await read(), [
    'a{x="1"} 2',
    'b NaN',
    'node_textfile_mtime_seconds{file="/text/a.prom"} 1.5',
    'node_textfile_mtime_seconds{file="/text/b.prom"} 0',
    'node_textfile_scrape_error 0',
  ]);
});

test('a bad file is left out and told once per change, the others are unharmed', async () => {
  const { files, lines, read } = reader({ '/text/a.prom': 'a 1\n', '/text/b.prom': 'b 1\nb{ 2\n' });
  const good = ['a 1', 'node_textfile_mtime_seconds{file="/text/a.prom"} 0', 'node_textfile_scrape_error 1'];
  for (const bad of ['b 1\nb{ 2\n', 'b 1', 'b 1 1700000000000\n', 'b 1\nb 2\n', 'a 5\n', 'x'.repeat(5 << 20)]) {
    files.put('/text/b.prom', bad);
    lines.length = 0;
    assert.deepEqual(await read(), good);
    assert.deepEqual(await read(), good);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /a textfile is left out.*\/text\/b\.prom/);
  }
  files.put('/text/b.prom', 'b 1\n');
  assert.ok((await read()).includes('node_textfile_scrape_error 0'));
});

test('a folder that does not exist is an empty one', async () => {
  const { files, read } = reader({});
  assert.deepEqual(await read(), ['node_textfile_scrape_error 0']);
  files.put('/text/a.prom', 'a 1\n');
  assert.ok((await read()).includes('a 1'));
});

test('too many series in all are refused file by file', async () => {
  const lines = Array.from({ length: 15_000 }, (_, i) => `{i="${i}"} 1\n`);
  const { read } = reader({
    '/text/a.prom': lines.map((line) => `a${line}`).join(''),
    '/text/b.prom': lines.map((line) => `b${line}`).join(''),
  });
  const series = await read();
  assert.equal(series.filter((line) => line.startsWith('a{')).length, 15_000);
  assert.equal(series.filter((line) => line.startsWith('b{')).length, 0);
});
