import { SECOND } from '../core/base/time.ts';
import { type OpenFile, systemFiles } from '../io/files.ts';
import { type Api, parseJson, SERVER_OPTIONS, SERVER_USAGE, withApi } from './api.ts';
import { failed, parseCommandLine, runCommand, takeWord } from './command-line.ts';
import { plain } from './table.ts';
import type { Terminal } from './terminal.ts';

const USAGE = `tocsin import FILE [--quiet]

Stores the samples of a file with one series in each line, oldest first:
{"metric":{"__name__":"x","host":"a"},"values":[1,2],"timestamps":[1767225600000,1767225660000]}
Moments are milliseconds. The token needs the role "ingest" or "admin". Lines that cannot be read are named, the others are stored; the
same file may be imported again.

  --quiet            says nothing of how far it is
${SERVER_USAGE}`;

const OPTIONS = { ...SERVER_OPTIONS, quiet: { type: 'boolean' } } as const;
const NEWLINE = 10;
const PIECE_BYTES = 4 << 20;
const LONGEST_LINE_BYTES = 32 << 20;
const MOST_PROBLEMS = 20;
const TELL_EVERY = 2 * SECOND;
const TRY_AGAIN_AFTER = 5 * SECOND;
const MOST_TRIES = 24;
const WHICH_LINES = /^lines? \d+(?: to \d+)?/;

export async function importFile(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(terminal, USAGE, args, async () => {
    const { values, positionals } = parseCommandLine(args, OPTIONS);
    const path = takeWord(positionals, 'a file');
    return withApi(terminal, values, async (api) => {
      const file = await openFile(path);
      try {
        return await new FileImport(api, terminal, path).run(file, values.quiet === true);
      } finally {
        await file.close();
      }
    });
  });
}

async function openFile(path: string): Promise<OpenFile> {
  const problem = (reason: string): Error => failed(`${path} cannot be read: ${reason}`);
  const state = await systemFiles.state(path).catch(() => null);
  if (state === null) throw problem('there is no such file');
  if (state.kind !== 'file') throw problem('it is no file');
  try {
    return await systemFiles.open(path, 'read');
  } catch (error) {
    throw problem(error instanceof Error ? error.message : String(error));
  }
}

/** What the server says of a piece. */
interface Told {
  readonly lines: number;
  readonly samples: number;
  readonly badLines: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

class FileImport {
  private readonly api: Api;
  private readonly terminal: Terminal;
  private readonly path: string;
  private lines = 0;
  private samples = 0;
  private badLines = 0;
  private readonly refused = new Map<string, number>();
  private problems = 0;
  /** Lines of the file that were sent. */
  private passed = 0;
  private toldAt: number;

  constructor(api: Api, terminal: Terminal, path: string) {
    this.api = api;
    this.terminal = terminal;
    this.path = path;
    this.toldAt = terminal.now();
  }

  async run(file: OpenFile, isQuiet: boolean): Promise<number> {
    const size = file.sizeBytes();
    for (let at = 0; at < size; ) {
      const piece = await this.readLines(file, at);
      await this.send(piece);
      at += piece.length;
      if (!isQuiet) this.tellProgress(at / size);
    }
    const { terminal, lines, samples, badLines, refused } = this;
    terminal.stdout.write(`${samples} samples of ${lines - badLines} lines are stored.\n`);
    for (const [reason, count] of refused) terminal.stderr.write(`${count} samples are refused: ${plain(reason)}\n`);
    if (badLines > 0) terminal.stderr.write(`${badLines} lines cannot be read.\n`);
    return badLines > 0 || refused.size > 0 ? 1 : 0;
  }

  /** Whole lines from there on; the last one may have no end. */
  private async readLines(file: OpenFile, at: number): Promise<Uint8Array> {
    for (let length = PIECE_BYTES; length <= LONGEST_LINE_BYTES; length *= 2) {
      const piece = await file.readAt(at, length);
      const end = piece.lastIndexOf(NEWLINE) + 1;
      if (piece.length < length && at + piece.length >= file.sizeBytes()) return piece;
      if (end > 0) return piece.subarray(0, end);
      if (piece.length === 0) throw failed(`${this.path} became shorter while it was read.`);
    }
    throw failed(
      `${this.path}:${this.passed + 1}: a line of more than ${LONGEST_LINE_BYTES >> 20} MiB; split it into several of one series.`,
    );
  }

  private async send(body: Uint8Array): Promise<void> {
    const { status, told, text } = await this.post(body);
    if (told === null) throw failed(`The import ended in line ${this.passed + 1}: status ${status} ${plain(text.slice(0, 200))}`);
    for (const problem of told.problems) this.tellProblem(problem);
    // What was taken says how many lines were looked at; other errors end it.
    if (status !== 200 && told.badLines === 0)
      throw failed(`The import ended: status ${status}. ${this.samples + told.samples} samples are stored.`);
    this.lines += told.lines;
    this.samples += told.samples;
    this.badLines += told.badLines;
    for (const [reason, count] of Object.entries(told.refused)) this.refused.set(reason, (this.refused.get(reason) ?? 0) + count);
    for (const byte of body) if (byte === NEWLINE) this.passed += 1;
  }

  /** A server that is busy is asked again. */
  private async post(body: Uint8Array): Promise<{ readonly status: number; readonly told: Told | null; readonly text: string }> {
    for (let attempt = 1; ; attempt += 1) {
      const headers = { 'content-type': 'application/x-ndjson' };
      const { status, body: text } = await this.api.send({ method: 'POST', path: '/api/v1/import', headers, body });
      const told = toldOf(parseJson(text));
      if (status !== 503 || attempt >= MOST_TRIES) return { status, told, text };
      this.terminal.stderr.write(
        `The server takes no samples now${told?.problems[0] === undefined ? '' : ` (${plain(told.problems[0])})`}; trying again.\n`,
      );
      await this.terminal.wait(TRY_AGAIN_AFTER);
    }
  }

  private tellProblem(problem: string): void {
    this.problems += 1;
    if (this.problems > MOST_PROBLEMS) return;
    const { passed, path } = this;
    const moved = problem.replace(WHICH_LINES, (place) => place.replaceAll(/\d+/g, (line) => String(passed + Number(line))));
    this.terminal.stderr.write(`${path}: ${plain(moved)}\n`);
  }

  private tellProgress(share: number): void {
    const now = this.terminal.now();
    if (now - this.toldAt < TELL_EVERY) return;
    this.toldAt = now;
    this.terminal.stderr.write(`${Math.floor(share * 100)} %, ${this.samples} samples of ${this.lines} lines\n`);
  }
}

function toldOf(answer: unknown): Told | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const { lines, samples, badLines, refused, problems } = answer as { readonly [K in keyof Told]?: unknown };
  if (typeof lines !== 'number' || typeof samples !== 'number' || typeof badLines !== 'number') return null;
  const counts =
    typeof refused === 'object' && refused !== null ? Object.entries(refused).map(([reason, count]) => [reason, Number(count)]) : [];
  return { lines, samples, badLines, refused: Object.fromEntries(counts), problems: Array.isArray(problems) ? problems.map(String) : [] };
}
