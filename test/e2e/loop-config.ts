import { join } from 'node:path';

const CLEAN_UP = join(import.meta.dirname, 'clean-up-program.ts');

export interface LoopPlaces {
  readonly hookUrl: string;
  readonly mailPort: number;
  readonly textfiles: string;
}

/** A configuration whose loop goes round in seconds: a file is the problem, bob decides, and the remedy removes the file. */
export function loopConfig({ hookUrl, mailPort, textfiles }: LoopPlaces): object {
  return {
    channels: {
      hook: { type: 'webhook', url: hookUrl, secret: 'loop secret' },
      mail: { type: 'email', to: ['ops@example.com'], smtp: { host: '127.0.0.1', port: mailPort, security: 'none' } },
    },
    route: {
      channel: 'record',
      group_by: ['alertname', 'instance'],
      group_wait: '100ms',
      group_interval: '500ms',
      routes: [
        { matchers: ['alertname="LeftOver"'], channel: 'hook', continue: true },
        { matchers: ['alertname="LeftOver"'], channel: 'mail' },
      ],
    },
    rules: {
      LeftOver: {
        expr: 'left_over_files > 0',
        error: {},
        labels: { team: 'storage' },
        annotations: { summary: 'A file was left over on {{ $labels.instance }}' },
      },
    },
    actions: {
      'clean-up': {
        description: 'Removes what was left over, and tells what it does',
        command: [process.execPath, CLEAN_UP, '{file}'],
        parameters: { file: { type: 'string', pattern: `${textfiles}/[a-z]+\\.prom`, max_length: 4000 } },
        timeout: '1m',
        approval: { by: ['user:bob', 'token:bob'], expires: '5m' },
      },
    },
    triggers: {
      'left-over': {
        match: 'alertname="LeftOver"',
        run: 'clean-up',
        with: { file: join(textfiles, 'x.prom') },
        verify: { within: '1m' },
      },
    },
    built_in: { rules: true, demo: true },
  };
}
