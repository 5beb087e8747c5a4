// The page of a link from mail in a browser: it works without JavaScript, in both looks and on a phone.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { runs } from '../../src/contract/api/runs.ts';
import { openBrowser, openDesk, takePicture } from './browser.ts';
import { Program } from './program.ts';
import { openMailbox } from './receivers.ts';
import { until } from './until.ts';

const mailbox = await openMailbox();
const program = new Program({ config: {} });
let browser: Browser;
let links: { readonly approve: string; readonly reject: string };

before(async () => {
  writeFileSync(
    join(program.root, 'config/clean.sh'),
    '# Says what it would do.\necho "cleaning $1 ($2)"\nif [ -d "$1" ]; then\n\tfind "$1" -name "*.gz" -mtime +7 -print\nfi\n',
  );
  program.configure({
    channels: { post: { type: 'email', to: ['ops@example.com'], smtp: { host: '127.0.0.1', port: mailbox.port, security: 'none' } } },
    route: { channel: 'record' },
    users: { alice: { role: 'operator', email: 'alice@example.com' }, bob: { role: 'operator', email: 'bob@example.com' } },
    teams: { storage: { members: ['alice', 'bob'] } },
    actions: {
      'clean-disk': {
        description: 'Removes rotated logs below a folder and tells how much was freed',
        script: { file: 'clean.sh', interpreter: ['/bin/sh', '-eu'], arguments: ['{path}', '{note}'] },
        env: { LC_ALL: 'C' },
        parameters: { path: { type: 'string', required: true }, note: { type: 'string', default: 'older than a week' } },
        approval: { by: ['team:storage'], expires: '30m', notify: ['team:storage'] },
      },
    },
    triggers: { 'full-disk': { match: 'alertname="DiskFull"', run: 'clean-disk', with: { path: '$labels.mountpoint' } } },
  });
  await program.start();
  await program.agentIsHere();
  const labels = {
    alertname: 'DiskFull',
    severity: 'critical',
    instance: 'web-1',
    mountpoint: '/var/log/a-folder-with-quite-a-long-name/archive',
  };
  const annotations = { summary: 'The disk of web-1 is 97 % full <img src=x onerror=alert(1)>' };
  await program.admin.json('POST', '/api/v2/alerts', [{ labels, annotations }]);
  const mail = await until('alice has mail', () => mailbox.got.find(({ to }) => to?.[0]?.address === 'alice@example.com'));
  const [approve = '', reject = ''] = Array.from((mail.text ?? '').matchAll(/^(?:Approve|Reject): (\S+)$/gm), ([, link]) => link ?? '');
  links = { approve, reject };
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await program.close();
  await mailbox.close();
});

test('it reads well in light, in dark and on a phone, and nothing on it is refused by its own policy', async () => {
  for (const look of ['light', 'dark', 'phone'] as const) {
    const { page, context, complaints } = await openDesk(browser, look);
    for (const [name, link] of Object.entries(links)) {
      await page.goto(link);
      assert.match(await page.locator('h1').innerText(), /clean-disk on/);
      assert.equal(await page.getByRole('button').count(), 1);
      assert.match(await page.locator('main').innerText(), /97 % full <img src=x onerror=alert\(1\)>/);
      const overflow: unknown = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      assert.equal(overflow, 0, `nothing sticks out (${look})`);
      const styled: unknown = await page.evaluate('getComputedStyle(document.querySelector("main")).borderRadius');
      assert.notEqual(styled, '0px', 'the style is taken');
      // The page's policy refuses scripts that are put into it; what the browser itself evaluates is not asked.
      await page.evaluate(axe.source);
      assert.deepEqual(
        await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]))'),
        [],
      );
      await takePicture(page, `decide-${name}-${look}`);
    }
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test('without JavaScript the form decides, and a second try says what became of it', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(links.approve);
  await page.getByLabel('Comment').fill('fine, "go" <b>ahead</b>');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('heading', { name: 'You approved clean-disk' }).waitFor();
  assert.match(await page.locator('main').innerText(), /Approved by alice by a signed link from mail: fine, "go" <b>ahead<\/b>/);
  await takePicture(page, 'decide-done-phone');
  const [run] = (await program.admin.ask(runs.list, { query: { action: 'clean-disk' } })).items;
  assert.notEqual(run?.state, 'awaiting approval');
  await page.goto(links.reject);
  assert.equal(await page.getByRole('button').count(), 0);
  assert.match(await page.locator('main').innerText(), /Nothing is to be decided any more/);
  await takePicture(page, 'decide-over-phone');
  await page.goto(`${links.reject}x`);
  await page.getByRole('heading', { name: 'This link is not valid' }).waitFor();
  await takePicture(page, 'decide-invalid-phone');
  await context.close();
});
