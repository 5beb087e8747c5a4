// Hostile text from alerts, instructions, parameters and output, looked at in a real browser: nothing of it ever does anything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { actions } from '../../src/contract/api/actions.ts';
import { alerts } from '../../src/contract/api/alerts.ts';
import { runs } from '../../src/contract/api/runs.ts';
import { becomeAdministrator, isLoaded, openBrowser, openDesk, takePicture } from './browser.ts';
import { Program } from './program.ts';
import { until } from './until.ts';

const DO = 'window.hurt=1';
const EVIL = `"><img src=x onerror="${DO}"><script>${DO}</script><svg onload="${DO}">`;
const MARKDOWN = `# Do this
<img src=x onerror="${DO}"> <script>${DO}</script> <iframe srcdoc="<script>parent.${DO}</script>"></iframe>
[click](javascript:${DO}) [data](data:text/html,<script>${DO}</script>) ![x](x" onerror="${DO})
<a href="java&#115;cript:${DO}">here</a> <form action="/api/session/logout" method="post"><button>ok</button></form>
<style>body{display:none}</style> **and this**`;
const OUTPUT = `\x1b[31m${EVIL}\x1b[0m \x1b]8;;javascript:${DO}\x07link\x1b]8;;\x07 \x1b]0;title\x07 \x1b[2J\n`;

const program = new Program({
  config: {
    actions: {
      evil: { command: ['/bin/printf', '%s', '{text}'], parameters: { text: { type: 'string', max_length: 4000, default: EVIL } } },
      loud: { command: ['/bin/printf', '%b', OUTPUT] },
    },
    recommendations: { evil: { title: EVIL, responsible: EVIL, contact: EVIL, instructions: MARKDOWN } },
    triggers: { advice: { match: 'kind="evil"', recommend: 'evil' } },
    built_in: { rules: false, demo: false },
  },
  withPage: true,
});
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

test('hostile alerts, instructions and output are shown as text, and do nothing', async () => {
  const { admin } = program;
  await admin.json('POST', '/api/v2/alerts', [
    {
      labels: { alertname: EVIL, kind: 'evil', instance: EVIL, team: EVIL },
      annotations: { summary: EVIL, description: MARKDOWN },
      generatorURL: `javascript:${DO}`,
    },
  ]);
  const [alert] = (await admin.ask(alerts.list)).items;
  const ids = await Promise.all(['evil', 'loud'].map((name) => admin.ask(actions.run, { params: { name }, body: { comment: EVIL } })));
  for (const { run } of ids)
    await until('it ended', async () => (await admin.ask(runs.get, { params: { id: run } })).run.state === 'succeeded');

  const { page, complaints } = await openDesk(browser);
  await becomeAdministrator(page, program);
  const places = [
    '/',
    '/alerts',
    `/alerts/${alert?.id}`,
    '/recommendations',
    '/archive',
    '/actions/evil',
    ...ids.map(({ run }) => `/runs/${run}`),
    '/settings/audit',
  ];
  for (const place of places) {
    await page.goto(`${program.url}${place}`);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await isLoaded(page);
    if (place.includes('recommendations')) await page.getByText('and this').first().waitFor();
    assert.equal(await page.evaluate('window.hurt'), undefined, place);
    const dangers: unknown = await page.evaluate(
      `[...document.querySelectorAll('main img[src="x"], main script, main iframe, main form[action], main style, main a[href^="javascript"], main a[href^="data"], [onerror], [onload]')].map((element) => element.outerHTML)`,
    );
    assert.deepEqual(dangers, [], place);
    assert.ok(await page.locator('main').isVisible());
  }
  await takePicture(page, 'hostile-audit');
  await page.goto(`${program.url}/runs/${ids[1]?.run}`);
  await page.getByRole('region', { name: 'Output' }).getByText('<img src=x').waitFor();
  await takePicture(page, 'hostile-run');
  await page.goto(`${program.url}/alerts/${alert?.id}`);
  await page.getByText('and this').first().waitFor();
  await takePicture(page, 'hostile-alert');
  // The sanitizer reads instructions in a document without scripts, which has the policy of the page: Chromium tells what it would refuse there.
  assert.deepEqual(
    complaints.filter((text) => !/^Executing inline event handler violates.*\/assets\/markdown-/.test(text)),
    [],
  );
});
