import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Program } from './program.ts';
import { until } from './until.ts';

const PASSWORD = 'a sentence is a good password';
const SCREENSHOTS = join(import.meta.dirname, '../../screenshots');
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type Look = 'light' | 'dark' | 'phone';

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}

/** One person's browser: its page, and everything that went wrong in it. */
export interface Desk {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Refused requests, console errors, refused by the content security policy among them, and uncaught exceptions. */
  readonly complaints: string[];
}

export async function openDesk(
  browser: Browser,
  look: Look = 'light',
  storage?: Awaited<ReturnType<BrowserContext['storageState']>>,
): Promise<Desk> {
  const context = await browser.newContext({
    colorScheme: look === 'dark' ? 'dark' : 'light',
    viewport: look === 'phone' ? { width: 390, height: 844 } : { width: 1360, height: 900 },
    ...(look === 'phone' && { hasTouch: true, isMobile: true }),
    ...(storage !== undefined && { storageState: storage }),
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    const isNews = !message.text().startsWith('Failed to load resource');
    if (isNews && (message.type() === 'error' || message.type() === 'warning'))
      complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on('response', (response) => {
    if (response.status() < 400) return;
    const told = response.text().catch(() => '');
    void told.then((text) => complaints.push(`${response.status()} ${response.url()}: ${text.slice(0, 300)}`));
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog said ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, context, complaints };
}

/** Goes the way of whoever installs the server: the one-time link, a name, a password, the overview. */
export async function becomeAdministrator(page: Page, program: Program): Promise<void> {
  await page.goto(await program.administratorLink());
  await page.getByLabel('Name').fill('alice');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Waits until nothing on the page stands for something that is still to come. */
export async function isLoaded(page: Page): Promise<void> {
  await until('the page is loaded', async () => (await page.locator('.mantine-Skeleton-root').count()) === 0);
}

/** Keeps what the page looks like, in full length; for people to look at, never compared. */
export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** Presses Tab until the element with this text or label has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    const focused: unknown = await page.evaluate(
      '(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "").trim()',
    );
    if (focused === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${name}`);
}
