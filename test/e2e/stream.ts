import { get, type ClientRequest, type OutgoingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { OutputChunk, RunView } from '../../src/contract/api/runs.ts';
import type { Api } from './api.ts';
import { until } from './until.ts';

interface StreamEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
  readonly heardAt: number;
}

/** A client of server-sent events. */
export class Stream {
  readonly events: StreamEvent[] = [];
  status = 0;
  ended = false;
  readonly #request: ClientRequest;
  #rest = '';

  constructor(api: Api, path: string, headers: OutgoingHttpHeaders = {}) {
    this.#request = get(`${api.url}${path}`, { headers: { ...api.headers, ...headers } }, (response) => {
      this.status = response.statusCode ?? 0;
      response.setEncoding('utf8');
      response.on('data', (text: string) => this.#take(text));
      response.on('close', () => (this.ended = true));
      response.on('error', () => {});
    });
    this.#request.on('error', () => (this.ended = true));
  }

  #take(text: string): void {
    const blocks = `${this.#rest}${text}`.split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      if (field('event') !== '')
        this.events.push({ event: field('event'), id: field('id'), data: field('data'), heardAt: performance.now() });
    }
  }

  leave(): void {
    this.#request.destroy();
  }

  /** What was put out so far; `from` is where the first piece begins. */
  output(stream?: z.output<typeof OutputChunk>['stream']): { readonly text: string; readonly from: number } {
    const chunks = this.events.filter(({ event }) => event === 'output').map(({ data }) => OutputChunk.parse(JSON.parse(data)));
    const wanted = chunks.filter((chunk) => stream === undefined || chunk.stream === stream);
    return { text: Buffer.concat(wanted.map(({ data }) => Buffer.from(data, 'base64'))).toString(), from: chunks[0]?.offset ?? -1 };
  }

  /** The run as it stood at the end of its output. */
  async end(): Promise<z.output<typeof RunView>> {
    const { data } = await until('the stream ends', () => this.events.find(({ event }) => event === 'end'), 30_000);
    return RunView.parse(JSON.parse(data));
  }
}
