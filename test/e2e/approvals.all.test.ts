// What somebody who decides reads on the page, in a real browser: light, dark and on a phone.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { actions } from '../../src/contract/api/actions.ts';
import { sha256 } from '../../src/core/base/sha256.ts';
import type { Api } from './api.ts';
import { type Desk, isLoaded, type Look, openBrowser, openDesk, takePicture } from './browser.ts';
import { Program } from './program.ts';

const SCRIPT = `folder="$1"\nfind "$folder" -name '*.gz' -delete${' '.repeat(200)}; echo far away # \u202eneht\n`;
const approval = { by: ['team:storage'], count: 2 };

const program = new Program({
  withPage: true,
  config: {
    actions: {
      clean: {
        script: { file: 'clean.sh', interpreter: ['/bin/sh', '-eu'], arguments: ['{path}'] },
        parameters: { path: {}, keep: { type: 'integer', min: 1, max: 100, default: 7, description: 'Days to keep' } },
        run_as: 'deploy',
        env: { LC_ALL: 'C', API_KEY: { secret: 'clean-key' } },
        approval,
      },
      restart: {
        http: {
          method: 'POST',
          url: 'https://jobs.example.com/jobs/{job}',
          headers: { Authorization: { secret: 'jobs-key' } },
          body: { by: 'tocsin' },
        },
        parameters: { job: {} },
        approval,
      },
    },
    teams: { storage: { members: ['alice', 'bob', 'carol'] } },
    built_in: { demo: false },
  },
});
let browser: Browser;
let alice: Api;

before(async () => {
  writeFileSync(join(dirname(program.configFile), 'clean.sh'), SCRIPT);
  await program.start();
  await program.agentIsHere();
  await program.person('root', 'admin');
  await program.person('bob', 'operator');
  alice = await program.person('alice', 'operator');
  const ask = (name: string, parameters: object) => alice.ask(actions.run, { params: { name }, body: { parameters } });
  await ask('clean', { path: '/var/log/my shop' });
  await ask('restart', { job: 'a/b' });
  browser = await openBrowser();
});
after(async () => {
  await browser.close();
  await program.close();
});

/** Signed in, on the page with what waits. */
async function enter(name: string, look: Look): Promise<Desk> {
  const desk = await openDesk(browser, look);
  const { page } = desk;
  await page.goto(`${program.url}/approvals`);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(`password of ${name}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('article', { name: 'Approval of clean' }).waitFor();
  await isLoaded(page);
  return desk;
}

for (const look of ['light', 'dark', 'phone'] as const) {
  test(`whoever decides reads all that is to run (${look})`, async () => {
    const { page, context, complaints } = await enter('bob', look);
    const script = page.getByRole('article', { name: 'Approval of clean' });
    await script.getByText(`asks to run this as deploy on`).waitFor();
    const shown = (await script.textContent()) ?? '';
    for (const text of ['folder="$1"', 'U+202E', sha256(SCRIPT), '/bin/sh -eu', 'LC_ALL=C', 'API_KEY=', 'secret clean-key'])
      assert.ok(shown.includes(text), `${text} in ${shown}`);
    // Nothing stands beyond the right edge, where nobody would look for it.
    const box = script.getByRole('region', { name: 'Text of clean.sh' });
    assert.equal(await box.evaluate((node) => node.scrollWidth - node.clientWidth), 0);
    assert.ok(await box.getByText('far away').isVisible());

    const request = page.getByRole('article', { name: 'Approval of restart' });
    const sent = (await request.textContent()) ?? '';
    for (const text of ['POST https://jobs.example.com/jobs/a%2Fb', 'authorization: secret jobs-key', '"by": "tocsin"', 'the agent of'])
      assert.ok(sent.includes(text), `${text} in ${sent}`);
    assert.ok(await script.getByRole('button', { name: 'Approve' }).isEnabled());
    assert.equal(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), 0);
    await takePicture(page, `approvals-${look}`);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test('whoever may not decide reads why, and whoever asks for a run reads as whom, where and within which bounds', async () => {
  const { page, context, complaints } = await enter('alice', 'light');
  const script = page.getByRole('article', { name: 'Approval of clean' });
  await script.getByText('You asked for this run; other persons must decide.').waitFor();
  assert.equal(await script.getByRole('button', { name: 'Approve' }).count(), 0);
  await page.goto(`${program.url}/actions/clean?run=true`);
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Days to keep · 1 to 100, whole number').waitFor();
  await dialog.getByText(/^as deploy on /).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
