// Every page, in light and dark, looked at by axe-core: what keeps keyboards and screen readers out is a failure.
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { alerts } from '../../src/contract/api/alerts.ts';
import { becomeAdministrator, type Desk, isLoaded, openBrowser, openDesk } from './browser.ts';
import { Program } from './program.ts';
import { remoteWrite, sampleNow } from './samples.ts';
import { until } from './until.ts';

const program = new Program({
  config: {
    rules: { Low: { expr: 'shop_orders < 5', warning: { for: '0s' }, annotations: { summary: 'Few orders' } } },
    actions: { echo: { command: ['/bin/echo', '{text}'], parameters: { text: { type: 'string', default: 'x' } } } },
    recommendations: { look: { title: 'Have a look', responsible: 'Ops', instructions: '# Do\n\n- this' } },
    triggers: { look: { match: 'alertname="Low"', recommend: 'look' } },
    built_in: { rules: false },
  },
  withPage: true,
});
let browser: Browser;
let storage: Awaited<ReturnType<Desk['context']['storageState']>>;
let alert = '';

before(async () => {
  browser = await openBrowser();
  await program.start();
  await program.agentIsHere();
  await remoteWrite(program.admin, [sampleNow('shop_orders', 1, { shop: 'a' })]);
  alert = await until('the alert', async () => (await program.admin.ask(alerts.list)).items[0]?.id);
  const { page, context } = await openDesk(browser);
  await becomeAdministrator(page, program);
  storage = await context.storageState();
});

after(async () => {
  await browser.close();
  await program.close();
});

const query = (view: string): string => `/explore?${new URLSearchParams({ q: '["shop_orders","sum(rate("]', view })}`;

const PLACES = (): readonly string[] => [
  '/',
  '/alerts',
  `/alerts/${alert}`,
  '/approvals',
  '/actions',
  '/actions/echo',
  '/hosts',
  `/hosts/${hostname()}`,
  '/explore',
  query('graph'),
  query('table'),
  '/recommendations',
  '/archive',
  '/settings/account',
  '/settings/appearance',
  '/settings/users',
  '/settings/tokens',
  '/settings/status',
  '/settings/storage',
  '/settings/audit',
  '/nothing-here',
];

for (const look of ['light', 'dark', 'phone'] as const) {
  test(`no page keeps anybody out (${look})`, async () => {
    const { page, context } = await openDesk(browser, look, storage);
    const found: string[] = [];
    for (const place of PLACES()) {
      await page.goto(`${program.url}${place}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await isLoaded(page);
      found.push(...(await examine(page)).map((text) => `${place}: ${text}`));
    }
    await page.goto(`${program.url}/explore`);
    for (const dialog of ['Metrics', 'History']) {
      await page.getByRole('button', { name: dialog, exact: true }).click();
      await page.getByRole('dialog').waitFor();
      await isLoaded(page);
      await isThere(page);
      found.push(...(await examine(page)).map((text) => `${dialog}: ${text}`));
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await context.close();
    assert.deepEqual(found, []);
  });
}

/** A dialog that is still fading in has no colours of its own yet. */
function isThere(page: Page): Promise<unknown> {
  const opaque = `(() => {
    for (let each = document.querySelector('[role="dialog"]'); each !== null; each = each.parentElement)
      if (getComputedStyle(each).opacity !== '1') return false;
    return true;
  })()`;
  return until('the dialog has faded in', () => page.evaluate<boolean>(opaque));
}

/** What axe-core finds serious or critical, with the first element that it is about. */
async function examine(page: Desk['page']): Promise<readonly string[]> {
  // The page's policy refuses scripts that are put into it; what the browser itself evaluates is not asked.
  await page.evaluate(axe.source);
  const found = await page.evaluate<readonly { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, nodes })))",
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary.replaceAll('\n', ' ')}`);
}
