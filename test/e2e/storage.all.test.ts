// The Storage page in a real browser, over a real store: cold blocks that come back, one of them damaged, and a damaged block at hand.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { series } from '../../src/contract/api/series.ts';
import { becomeAdministrator, type Desk, isLoaded, openBrowser, openDesk, takePicture } from './browser.ts';
import { Program } from './program.ts';
import { remoteWrite } from './samples.ts';
import { until } from './until.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const place = mkdtempSync(join(tmpdir(), 'tocsin-storage-e2e-'));
const folder = join(place, 'cold');
const program = new Program({
  config: { storage: { series: { cold: { folder, after: '36h' }, out_of_order_window: '10d' } }, built_in: { rules: false, demo: false } },
  withPage: true,
  localAgent: false,
});
const today = Math.floor(Date.now() / DAY) * DAY;
let browser: Browser;
let desk: Desk;
let page: Page;

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

before(async () => {
  mkdirSync(folder);
  browser = await openBrowser();
  await program.start();
  for (const day of [4, 3, 2, 0]) {
    const samples = Array.from({ length: 1_000 }, (_, i) => ({
      at: today - day * DAY + Math.floor(i * MINUTE * (day === 0 ? 0.001 : 1)),
      value: Math.sin(i) * i,
    }));
    const lists = Array.from({ length: 10 }, (_, n) => ({ labels: { __name__: 'aged', n: String(n) }, samples }));
    assert.equal((await remoteWrite(program.admin, lists)).status, 204);
  }
  await program.admin.ask(series.snapshot, { body: { name: 'flushed' } });
  const cold = await until(
    'the blocks are cold',
    async () => {
      const { blocks } = await program.admin.ask(series.status);
      return blocks.items.filter((block) => block.cold).length === 3 ? blocks.items : null;
    },
    90_000,
  );
  await program.kill();
  // A byte of the second cold block and of the one at hand, as a bad disk does it.
  const warm = cold.find((block) => !block.cold)?.name ?? '';
  flipByte(join(program.data, 'series/blocks', warm), 200);
  const own = join(folder, readdirSync(folder)[0] ?? '');
  flipByte(join(own, readdirSync(own).sort()[1] ?? ''), 2_000);
  await program.start();
  desk = await openDesk(browser);
  ({ page } = desk);
  await becomeAdministrator(page, program);
});

after(async () => {
  await browser.close();
  await program.close();
  rmSync(place, { recursive: true, force: true });
});

const open = async (): Promise<void> => {
  await page.goto(`${program.url}/settings/storage`);
  await page.getByRole('heading', { name: 'Storage', level: 1 }).waitFor();
  await isLoaded(page);
};
const pictures = async (name: string): Promise<void> => {
  const state = await desk.context.storageState();
  for (const look of ['light', 'dark', 'phone'] as const) {
    const other = await openDesk(browser, look, state);
    await other.page.goto(`${program.url}/settings/storage`);
    await other.page.getByRole('heading', { name: 'Journal and limits' }).waitFor();
    await isLoaded(other.page);
    await takePicture(other.page, `${name}-${look}`);
    await other.context.close();
  }
};

test('a block with a flipped byte is shown as damaged once its samples were asked for; the rest is served', async () => {
  const query = new URLSearchParams({ query: 'count(count_over_time(aged[5d]))' });
  await program.admin.send('GET', `/api/v1/query?${query}`);
  await open();
  await page.getByText('Degraded').waitFor();
  await page.getByText('some of its chunks are damaged').first().waitFor();
  const key = page.getByRole('list', { name: 'What the bars mean' });
  await key.getByText(/^cold\s*[12]$/).waitFor();
  await key.getByText(/^damaged\s*[12]$/).waitFor();
  await pictures('storage-damaged');
});

test('blocks come back from the cold folder on request; the damaged one is told apart and stays there', async () => {
  await open();
  await page.getByRole('button', { name: 'Bring back …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/^3 blocks of .* would come back\.$/).waitFor();
  await dialog.getByLabel('They stay for').selectOption({ label: 'A day' });
  await dialog.getByLabel('Reason').fill('a look at last week');
  await takePicture(page, 'storage-recall-dialog');
  await dialog.getByRole('button', { name: 'Bring back' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText('1 block did not come back.').waitFor();
  await page
    .getByText(/damaged: /)
    .first()
    .waitFor();
  await page.getByText(/^2 blocks, .*, until/).waitFor();
  await pictures('storage-recalled');
  const { blocks } = await program.admin.ask(series.status);
  assert.deepEqual(
    [blocks.items.filter(({ cold }) => cold).length, blocks.items.filter(({ keptUntil }) => keptUntil !== null).length],
    [1, 2],
  );
  await page.goto(`${program.url}/settings/audit`);
  await page.getByText(/brings back 3 blocks .*because: a look at last week/).waitFor();
  await page.getByText(/brought back 2 blocks .*; not: /).waitFor();
});

test('samples are held from the page, and the hold is lifted there, with a reason', async () => {
  await open();
  await page.getByText('Nothing is held: samples go when their time is over.').waitFor();
  await page.getByRole('button', { name: 'Hold samples …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Hold them' }).click();
  await dialog.getByText('Why? It stays in the audit log.').waitFor();
  await dialog.getByLabel('Name').fill('case-7');
  await dialog.getByLabel('Series').fill('aged{n="3"}');
  await dialog.getByLabel('Reason').fill('the court wants it');
  await takePicture(page, 'storage-hold-dialog');
  await dialog.getByRole('button', { name: 'Hold them' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText('all samples, also those to come; 1 series, keeps 4 files of').waitFor();
  await pictures('storage-held');
  await page.getByRole('button', { name: 'Lift' }).click();
  await page.getByRole('dialog').getByLabel('Comment').fill('the case is closed');
  await page.getByRole('dialog').getByRole('button', { name: 'Lift it' }).click();
  await page.getByText('Nothing is held: samples go when their time is over.').waitFor();
  await page.goto(`${program.url}/settings/audit`);
  await page.getByText(/lifted the hold case-7; because: the case is closed/).waitFor();
});

test('nothing went wrong in the browser', () => {
  assert.deepEqual(desk.complaints, []);
});
