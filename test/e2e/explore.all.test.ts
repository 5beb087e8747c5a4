// Explore in a real browser: typing with completion, the graph, zooming, the legend, mistakes, links into it, and text that wants to do harm.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { after, before, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Histogram, NO_BUCKETS } from '../../src/core/promql/histogram.ts';
import { alerts } from '../../src/contract/api/alerts.ts';
import { becomeAdministrator, type Desk, isLoaded, openBrowser, openDesk, takePicture } from './browser.ts';
import { Program } from './program.ts';
import { remoteWrite } from './samples.ts';
import { until } from './until.ts';

const EVIL = `"><img src=x onerror="window.hurt=1"><script>window.hurt=1</script>{{1+1}}\\`;
const STEP = 10_000;

const program = new Program({
  config: { rules: { ManyOrders: { expr: 'shop_orders > 15', warning: { for: '0s' } } }, built_in: { rules: false, demo: false } },
  withPage: true,
});
let browser: Browser;
let desk: Desk;
let page: Page;

before(async () => {
  browser = await openBrowser();
  await program.start();
  await program.agentIsHere();
  const now = Math.floor(Date.now() / STEP) * STEP;
  const samples = (of: (index: number) => number) =>
    Array.from({ length: 60 }, (_, index) => ({ at: now - (59 - index) * STEP, value: of(index) }));
  const written = await remoteWrite(program.admin, [
    ...['a', 'b', 'c'].map((shop, n) => ({ labels: { __name__: 'shop_orders', shop }, samples: samples((i) => 10 * n + Math.sin(i / 5)) })),
    {
      labels: { __name__: 'shop_visits', shop: 'a' },
      samples: [...samples((i) => 100 + i).map(({ at, value }) => ({ at: at - 86_400_000, value })), ...samples((i) => 150 + 2 * i)],
    },
    { labels: { __name__: 'shop_evil', text: EVIL }, samples: samples((i) => i) },
    ...Array.from({ length: 130 }, (_, n) => ({ labels: { __name__: 'shop_many', n: String(n) }, samples: samples(() => n).slice(-3) })),
  ]);
  assert.ok(written.status < 300, written.text);
  const buckets = (n: number) => ({ positive: { index: Int32Array.of(1, 2, 3), count: Float64Array.of(n, n, n) }, negative: NO_BUCKETS });
  const plain = { schema: 0, hint: 'unknown', zeroThreshold: 0, zeroCount: 0, customValues: [] } as const;
  const histogram = (n: number): Histogram => ({ ...plain, ...buckets(n), count: 3 * n, sum: 5 * n });
  const native = Array.from({ length: 40 }, (_, n) => ({ at: now - (39 - n) * STEP, value: histogram(n + 1) }));
  assert.ok((await remoteWrite(program.admin, [{ labels: { __name__: 'shop_wait_seconds' }, samples: native }])).status < 300);
  desk = await openDesk(browser);
  ({ page } = desk);
  await becomeAdministrator(page, program);
});

after(async () => {
  await browser.close();
  await program.close();
});

const field = (letter = 'A'): Locator => page.getByRole('textbox', { name: `Query ${letter}` });
const result = (letter = 'A'): Locator => page.getByRole('status', { name: `Result of query ${letter}` });
const legend = (name: string): Locator => page.getByRole('figure').getByRole('button', { name });
const address = (): URLSearchParams => new URL(page.url()).searchParams;
const open = async (search: Readonly<Record<string, string>>): Promise<void> => {
  await page.goto(`${program.url}/explore?${new URLSearchParams(search)}`);
  await page.getByRole('heading', { name: 'Explore' }).waitFor();
};
const ask = (...exprs: string[]): Record<string, string> => ({ q: JSON.stringify(exprs), range: '15m' });

test('the keys g and e lead there, and the examples show something of this host', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.getByRole('heading', { name: 'Explore' }).waitFor();
  await page.getByText('Begin with one of these').waitFor();
  await takePicture(page, 'explore-empty-light');
  await until('the agent has sent something', async () => {
    await page.reload();
    await page.getByText('Begin with one of these').waitFor();
    return (await page.getByRole('button', { name: /Memory that is left/ }).count()) > 0;
  });
  await page.getByRole('button', { name: /Memory that is left/ }).click();
  await result().getByText('1 series').waitFor();
  await page.getByRole('figure', { name: /Graph of 1 line/ }).waitFor();
  assert.match(address().get('q') ?? '', /node_memory_MemAvailable_bytes/);
});

test('a query is typed with completion and run with the keyboard', async () => {
  await open({});
  await field().click();
  await page.keyboard.type('sum by (shop) (shop_ord', { delay: 25 });
  await page.locator('.cm-tooltip-autocomplete').getByText('shop_orders').waitFor();
  await takePicture(page, 'explore-completion');
  await page.keyboard.press('Enter');
  await page.keyboard.type('{sho', { delay: 25 });
  await page.locator('.cm-tooltip-autocomplete li', { hasText: 'shop' }).click();
  await page.keyboard.type('=~"a|b|c"', { delay: 25 });
  await page.keyboard.press('Control+Enter');
  await result().getByText('3 series').waitFor();
  assert.equal(JSON.parse(address().get('q') ?? '[]')[0], 'sum by (shop) (shop_orders{shop=~"a|b|c"})');
  await legend('{shop="b"}').waitFor();
  assert.match((await result().textContent()) ?? '', /ms.*samples.*B/);
});

test('dragging over the graph zooms, which the address says; double-click and Back lead back', async () => {
  await open(ask('shop_orders'));
  await result().getByText('3 series').waitFor();
  const box = await page.locator('.u-over').boundingBox();
  assert.ok(box !== null);
  await page.mouse.move(box.x + box.width * 0.6, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 120, { steps: 8 });
  await page.mouse.up();
  await until('the address has a begin', () => address().has('from'));
  const length = Number(address().get('to')) - Number(address().get('from'));
  assert.ok(length > 120_000 && length < 240_000, `${length} ms`);
  await result().getByText('3 series').waitFor();
  await page.reload();
  await result().getByText('3 series').waitFor();
  assert.equal(Number(address().get('to')) - Number(address().get('from')), length, 'a link means the same part of time');
  await page.getByRole('button', { name: 'Back' }).click();
  await until('the usual range', () => !address().has('from'));
  await page.getByRole('button', { name: 'Earlier' }).click();
  await until('half an hour earlier', () => address().has('from'));
  await page.locator('.u-over').dblclick();
  await until('back again', () => !address().has('from'));
});

test('what is shown is compared with the day before: dashed in the graph and its legend, beside the value in the table', async () => {
  await open(ask('shop_visits'));
  await result().getByText('1 series').waitFor();
  await page.getByLabel('Compare with').selectOption({ label: 'With the day before' });
  await legend('shop_visits{shop="a"}, the day before').waitFor();
  assert.equal(address().get('compare'), '1d');
  await page.getByRole('figure', { name: 'Graph of 2 lines' }).waitFor();
  for (const look of ['light', 'dark', 'phone'] as const) {
    const other = await openDesk(browser, look, await desk.context.storageState());
    await other.page.goto(page.url());
    await other.page.getByRole('button', { name: 'shop_visits{shop="a"}, the day before' }).waitFor();
    await takePicture(other.page, `explore-compare-${look}`);
    await other.context.close();
  }
  await page.getByText('Table', { exact: true }).click();
  await page.getByRole('columnheader', { name: 'the day before' }).waitFor();
  await page.getByRole('cell', { name: /^\+\d\d(\.\d)? %$/ }).waitFor();
  await takePicture(page, 'explore-compare-table');
  await page.getByLabel('Compare with').selectOption({ label: 'With the year before' });
  await page.getByRole('cell', { name: '–', exact: true }).waitFor();
});

test('a finger over the graph zooms as well; up and down it moves the page', async () => {
  const phone = await openDesk(browser, 'phone', await desk.context.storageState());
  const { page: small } = phone;
  await small.goto(`${program.url}/explore?${new URLSearchParams(ask('shop_orders'))}`);
  await small.getByText('3 series').waitFor();
  const over = small.locator('.u-over');
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  assert.ok(box !== null);
  const finger = await phone.context.newCDPSession(small);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x: number, y: number) =>
    finger.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
  const drag = async (from: readonly [number, number], to: readonly [number, number]): Promise<void> => {
    await touch('touchStart', ...from);
    for (let i = 1; i <= 8; i++) await touch('touchMove', from[0] + ((to[0] - from[0]) * i) / 8, from[1] + ((to[1] - from[1]) * i) / 8);
    await touch('touchEnd', ...to);
  };
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await drag([x, y], [x, y - 60]);
  assert.equal(new URL(small.url()).searchParams.has('from'), false);
  await over.scrollIntoViewIfNeeded();
  const again = (await over.boundingBox()) ?? box;
  await drag([again.x + again.width * 0.4, again.y + 40], [again.x + again.width * 0.8, again.y + 44]);
  await until('the address has a begin', () => new URL(small.url()).searchParams.has('from'));
  const { searchParams } = new URL(small.url());
  const length = Number(searchParams.get('to')) - Number(searchParams.get('from'));
  assert.ok(length > 240_000 && length < 480_000, `${length} ms`);
  assert.deepEqual(phone.complaints, []);
  await phone.context.close();
});

test('a name in the legend shows its line alone; with Ctrl it hides one', async () => {
  await open(ask('shop_orders'));
  const pressed = async (): Promise<string> => {
    const all = ['a', 'b', 'c'].map(async (shop) => ((await legend(`shop="${shop}"`).getAttribute('aria-pressed')) === 'true' ? shop : ''));
    return (await Promise.all(all)).join('');
  };
  await legend('shop="b"').click();
  assert.equal(await pressed(), 'b');
  await legend('shop="b"').click();
  assert.equal(await pressed(), 'abc');
  await legend('shop="a"').click({ modifiers: ['Control'] });
  assert.equal(await pressed(), 'bc');
});

test('a mistake is shown at its place, with what to do, and the field marks it', async () => {
  await open({});
  await field().fill('sum(rate(shop_orders)');
  await page.getByRole('button', { name: 'Run' }).click();
  await page
    .getByRole('alert')
    .getByText(/Line 1, column \d+/)
    .waitFor();
  await page.locator('.cm-lintRange-error').first().waitFor();
  await takePicture(page, 'explore-mistake');
  await field().fill('shop_orders / on () shop_many');
  await page.keyboard.press('Shift+Enter');
  await page
    .getByRole('alert')
    .getByText(/group_left/)
    .waitFor();
  desk.complaints.splice(0);
});

test('the same address gives the same page: queries, letters, view, unit and step', async () => {
  await open({ ...ask('shop_orders', 'shop_evil', 'count(shop_many)'), off: 'B', view: 'table', unit: 'bytes', step: '30s' });
  await page.getByRole('region', { name: 'Table of query A' }).waitFor();
  await page.getByRole('region', { name: 'Table of query C' }).waitFor();
  assert.equal(await page.getByRole('region', { name: 'Table of query B' }).count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Ask query B' }).getAttribute('aria-pressed'), 'false');
  assert.match((await page.getByRole('region', { name: 'Table of query C' }).textContent()) ?? '', /130 B/);
  assert.equal(await page.getByLabel('Step').inputValue(), '30s');
  await page.getByRole('columnheader', { name: 'shop' }).getByRole('button').click();
  const cells = (await page.getByRole('region', { name: 'Table of query A' }).getByRole('row').allTextContents()).slice(1);
  assert.deepEqual(
    cells.map((text) => text[0]),
    ['a', 'b', 'c'],
  );
  await page.getByRole('button', { name: 'Remove query B' }).click();
  await until('it is gone', () => !address().has('off') && JSON.parse(address().get('q') ?? '[]').length === 2);
  await page.getByRole('button', { name: 'Add query' }).click();
  await page.keyboard.type('vector(7)');
  await page.keyboard.press('Control+Enter');
  await result('C').getByText('1 series').waitFor();
});

test('more series than a graph can show are told, with ways out', async () => {
  await open(ask('shop_many'));
  await page.getByText('130 series.').waitFor();
  await page.getByRole('button', { name: 'The 10 largest' }).click();
  await result().getByText('10 series').waitFor();
  assert.equal(JSON.parse(address().get('q') ?? '[]')[0], 'topk(10, shop_many)');
});

test('metrics are found with what is known of them, and one click puts one into the query', async () => {
  await open({});
  await page.getByRole('button', { name: 'Metrics', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'Metrics' });
  await drawer.getByLabel('Search metrics').fill('shop orders');
  await drawer.getByText(/^1 of \d+/).waitFor();
  await takePicture(page, 'explore-metrics');
  await drawer.getByRole('button', { name: 'About shop_orders' }).click();
  await page.getByRole('dialog').getByText('3 values').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'b', exact: true }).click();
  await result().getByText('1 series').waitFor();
  assert.equal(JSON.parse(address().get('q') ?? '[]')[0], 'shop_orders{shop="b"}');
  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('dialog', { name: 'Asked before' }).getByText('topk(10, shop_many)').click();
  await result().getByText('10 series').waitFor();
});

test('what is shown can be kept as a file', async () => {
  await open({ ...ask('shop_orders'), view: 'table' });
  await page.getByRole('region', { name: 'Table of query A' }).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as CSV' }).click()]);
  assert.match(readFileSync(await download.path(), 'utf8'), /^\uFEFFquery,__name__,shop,value\r\nA,shop_orders,[abc],-?\d/);
});

test('a running query can be stopped, and run again', async () => {
  await page.route('**/api/v1/query_range**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue().catch(() => undefined);
  });
  await open(ask('shop_orders'));
  await page.getByRole('button', { name: 'Stop' }).click();
  await result().getByText('stopped').waitFor();
  await page.unroute('**/api/v1/query_range**');
  await page.getByRole('button', { name: 'Run' }).click();
  await result().getByText('3 series').waitFor();
});

test('without the editor a plain field does the same', async () => {
  const bare = await openDesk(browser, 'light', await desk.context.storageState());
  await bare.page.route('**/assets/promql-*', (route) => route.abort());
  await bare.page.goto(`${program.url}/explore`);
  await bare.page.locator('textarea[aria-label="Query A"]').fill('shop_orders');
  await bare.page.keyboard.press('Control+Enter');
  await bare.page.getByRole('status', { name: 'Result of query A' }).getByText('3 series').waitFor();
  await bare.context.close();
});

test('native histograms can be read: as quantiles over time, a strip, and in the table', async () => {
  await open(ask('rate(shop_wait_seconds[1m])'));
  await page.getByRole('figure', { name: /Graph of 3 lines/ }).waitFor();
  assert.match((await legend('p50').textContent()) ?? '', /p50/);
  await page.getByText(/from 1 s to 8 s; the darker, the more observations/).waitFor();
  await takePicture(page, 'explore-histogram');
  await open({ ...ask('shop_wait_seconds'), view: 'table' });
  await page.getByText(/p50 .* p90 .* p99/).waitFor();
  await page.getByText(/120 observations/).waitFor();
});

test('from and to can be typed, and what is shown can be renewed by itself', async () => {
  await open(ask('shop_orders'));
  await page.getByRole('button', { name: 'From – to' }).click();
  const form = page.getByRole('form', { name: 'From and to' });
  await form.getByLabel('From').fill('2026-01-02T03:04:05');
  await form.getByLabel('To').fill('2026-01-02T03:04:00');
  await form.getByText('The end must be after the begin').waitFor();
  await form.getByLabel('To').fill('2026-01-02T04:04:05');
  await form.getByRole('button', { name: 'Show' }).click();
  await result().getByText('0 series').waitFor();
  assert.equal(Number(address().get('to')) - Number(address().get('from')), 3_600_000);
  await page.getByRole('radiogroup', { name: 'The last' }).getByText('15m').click();
  await result().getByText('3 series').waitFor();
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/query_range')) asked.push(request.url());
  });
  await page.getByLabel('Renew by itself').selectOption('5s');
  await until('it was asked again', () => asked.length >= 2, 30_000);
  assert.equal(address().get('refresh'), '5s');
});

test('a host, its charts and an alert lead into Explore', async () => {
  await page.goto(`${program.url}/hosts/${hostname()}`);
  await page.getByRole('link', { name: 'Explore CPU' }).click();
  await page.getByRole('heading', { name: 'Explore' }).waitFor();
  assert.match(address().get('q') ?? '', /node_cpu_seconds_total/);
  await page.goBack();
  await page.getByRole('link', { name: 'Explore its metrics' }).click();
  await page.getByRole('region', { name: 'Table of query A' }).waitFor();
  assert.deepEqual(JSON.parse(address().get('q') ?? '[]'), [`{instance=${JSON.stringify(hostname())}}`]);
  await page
    .getByRole('link', { name: /^node_/ })
    .first()
    .click();
  await page.getByRole('figure', { name: /Graph of/ }).waitFor();
  assert.match(address().get('q') ?? '', /^\["node_\w+\{instance=/);
  const [alert] = (await program.admin.ask(alerts.list)).items;
  await page.goto(`${program.url}/alerts/${alert?.id}`);
  await page.getByRole('link', { name: 'Explore this expression' }).click();
  await result().getByText('1 series').waitFor();
  assert.equal(JSON.parse(address().get('q') ?? '[]')[0], 'shop_orders > 15');
  assert.ok(Number(address().get('from')) < (alert?.activeAt ?? 0) && Number(address().get('to')) > (alert?.activeAt ?? 0));
});

test('hostile label values are text and nothing else', async () => {
  for (const view of ['graph', 'table']) {
    await open({ ...ask('shop_evil'), view });
    await result().getByText('1 series').waitFor();
    await page.getByRole('region', { name: 'Results' }).getByText('<img src=x').first().waitFor();
    const dangers: unknown = await page.evaluate("[...document.querySelectorAll('main img[src=x], main script, [onerror]')].length");
    assert.equal(dangers, 0);
  }
  await page.getByRole('button', { name: 'Metrics', exact: true }).click();
  await page.getByLabel('Search metrics').fill('evil');
  await page.getByRole('button', { name: 'About shop_evil' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '<img src=x' }).click();
  await result().getByText('1 series').waitFor();
  assert.equal(await page.evaluate('window.hurt'), undefined);
});

test('the storage page says what is stored, and what is largest leads into Explore', async () => {
  await page.goto(`${program.url}/settings/storage`);
  await page.getByRole('heading', { name: 'Room on the disk' }).waitFor();
  await page.getByText(/free of .* samples are refused/).waitFor();
  await until('samples came', async () => /Taken: [^0]/.test((await page.locator('main').textContent()) ?? ''));
  await page.getByRole('region', { name: 'Metrics' }).getByRole('link', { name: 'shop_many' }).click();
  await result().getByText('130 series').waitFor();
  await page.goBack();
  await page.getByRole('region', { name: 'Labels', exact: true }).getByRole('link', { name: 'shop', exact: true }).click();
  await page.getByRole('region', { name: 'Table of query A' }).waitFor();
  assert.deepEqual(JSON.parse(address().get('q') ?? '[]'), ['topk(50, count by (shop) ({shop!=""}))']);
});

test('it can be read in every look, and nothing is wider than its page', async () => {
  const storage = await desk.context.storageState();
  for (const look of ['light', 'dark', 'phone'] as const) {
    const other = await openDesk(browser, look, storage);
    for (const [name, search] of Object.entries({
      graph: ask('shop_orders', 'rate(node_cpu_seconds_total[1m])'),
      table: { ...ask('node_cpu_seconds_total'), view: 'table' },
      many: ask('shop_many'),
    })) {
      await other.page.goto(`${program.url}/explore?${new URLSearchParams(search)}`);
      await other.page.getByRole('status', { name: 'Result of query A' }).getByText('series').waitFor();
      await isLoaded(other.page);
      const wide: unknown = await other.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      assert.ok(Number(wide) <= 1, `${name} (${look}) is ${wide} pixels too wide`);
      await takePicture(other.page, `explore-${name}-${look}`);
    }
    assert.deepEqual(other.complaints, [], look);
    await other.context.close();
  }
});

test('nobody saw an error, and the content security policy stopped nothing', () => {
  assert.deepEqual(desk.complaints, []);
});
