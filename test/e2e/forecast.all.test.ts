// The page of a host says when a file system will be full, from how it filled in the last day.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { hosts } from '../../src/contract/api/hosts.ts';
import { becomeAdministrator, openBrowser, openDesk, takePicture } from './browser.ts';
import { Program } from './program.ts';
import { remoteWrite } from './samples.ts';

const HOUR = 3_600_000;
const GB = 1e9;
const program = new Program({ config: { built_in: { rules: false, demo: false } }, withPage: true });
let browser: Browser;

before(async () => {
  browser = await openBrowser();
  await program.start();
  await program.agentIsHere();
});
after(async () => {
  await browser.close();
  await program.close();
});

test('a file system that fills has a day on which it is full, one that does not has none', async () => {
  const { items } = await program.admin.ask(hosts.list);
  const instance = items[0]?.name ?? '';
  const now = Date.now();
  /** A day of samples of one file system of 500 GB, of which so much goes in an hour and so much is left. */
  const disk = (mountpoint: string, perHour: number, left: number) => {
    const labels = { instance, job: 'node', mountpoint, fstype: 'ext4', device: `/dev${mountpoint}` };
    const times = Array.from({ length: 20 * 24 }, (_, i) => now - 24 * HOUR + (i + 1) * (HOUR / 20));
    return [
      { labels: { __name__: 'node_filesystem_size_bytes', ...labels }, samples: [{ at: now, value: 500 * GB }] },
      {
        labels: { __name__: 'node_filesystem_avail_bytes', ...labels },
        samples: times.map((at) => ({ at: Math.round(at), value: left + ((now - at) / HOUR) * perHour })),
      },
    ];
  };
  const series = [...disk('/soon', GB, 60 * GB), ...disk('/later', GB / 10, 96 * GB), ...disk('/never', 0, 200 * GB)];
  assert.equal((await remoteWrite(program.admin, series)).status, 204);

  const { page, complaints } = await openDesk(browser);
  await becomeAdministrator(page, program);
  await page.goto(`${program.url}/hosts/${encodeURIComponent(instance)}`);
  const row = (mount: string) => page.getByRole('listitem').filter({ hasText: new RegExp(`^${mount}.*free of`) });
  await row('/soon').getByText('Full in about 3 days').waitFor();
  await row('/later').getByText('Full in about 40 days').waitFor();
  assert.ok(!((await row('/never').textContent()) ?? '').includes('Full in'));
  await takePicture(page, 'host-forecast');
  assert.deepEqual(complaints, []);
});
