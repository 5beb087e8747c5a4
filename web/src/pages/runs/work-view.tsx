import type { ReactNode } from 'react';
import type { Run, Variable, Work } from '../../data/types.ts';
import { Argv } from '../../parts/argv.tsx';
import { Callout } from '../../parts/callout.tsx';
import { CodeText, PlainText } from '../../parts/code-text.tsx';
import { CopyIcon } from '../../parts/copy.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { formatBytes, formatLength } from '../../parts/format.ts';
import styles from './work-view.module.css';

interface Props {
  readonly run: Run;
  /** Null: the action was changed since. */
  readonly work: Work | null;
}

/** All that a run does: the command, the script or the request, with what its process is given and as whom it runs. */
export function WorkView({ run, work }: Props) {
  return (
    <div className={styles['work']}>
      {work?.http ? <Request http={work.http} /> : <Argv argv={run.argv} />}
      {work === null && run.state === 'awaiting approval' && (
        <Callout tone="warning" title="The action was changed since.">
          This run of it does not start any more, whatever is decided. Ask for a new one.
        </Callout>
      )}
      {work?.script && <ScriptText script={work.script} argv={work.argv} />}
      {work !== null && work.env.length > 0 && (
        <Part title="Environment">
          <Variables variables={work.env} separator="=" />
        </Part>
      )}
      {work !== null && (
        <Facts>
          {work.http === null && <Fact name="Host">{run.host}</Fact>}
          {work.http === null ? (
            <Fact name="Runs as">{run.runAs === null ? 'the user of the agent' : <code>{run.runAs}</code>}</Fact>
          ) : (
            <Fact name="Sent by">the agent of {run.host}</Fact>
          )}
          <Fact name="Stopped after">{formatLength(work.timeoutMs)}</Fact>
          <Fact name="Output kept">at most {formatBytes(work.outputLimitBytes)}</Fact>
          {work.memoryLimitBytes !== null && <Fact name="Memory">at most {formatBytes(work.memoryLimitBytes)}</Fact>}
          {work.collect.length > 0 && (
            <Fact name="Files kept with it" wide>
              {work.collect.map((path) => (
                <code key={path} className={styles['path']}>
                  {path}
                </code>
              ))}
            </Fact>
          )}
        </Facts>
      )}
    </div>
  );
}

function Part({ title, aside, children }: { readonly title: ReactNode; readonly aside?: ReactNode; readonly children: ReactNode }) {
  return (
    <section className={styles['part']}>
      <div className={styles['partHead']}>
        <h3 className={styles['partTitle']}>{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}

function ScriptText({ script, argv }: { readonly script: NonNullable<Work['script']>; readonly argv: Work['argv'] }) {
  const given = argv.slice(script.at + 1);
  return (
    <Part
      title={`Script ${script.file}`}
      aside={
        <span className={styles['aside']}>
          {formatLines(script.content)}
          <CopyIcon text={script.content} label="Copy the script" />
        </span>
      }
    >
      <CodeText text={script.content} label={`Text of ${script.file}`} />
      <p className={styles['note']}>
        Executed by <code>{argv.slice(0, script.at).join(' ')}</code>
        {given.length === 0 ? ' without arguments' : `, with ${given.length === 1 ? 'one argument' : `${given.length} arguments`}`}. SHA-256{' '}
        <code className={styles['hash']}>{script.sha256}</code>
      </p>
    </Part>
  );
}

function Request({ http }: { readonly http: NonNullable<Work['http']> }) {
  return (
    <>
      <Part title="Request">
        <div className={styles['request']}>
          <strong>{http.method}</strong> <PlainText text={http.url} />
        </div>
      </Part>
      {http.headers.length > 0 && (
        <Part title="Headers">
          <Variables variables={http.headers} separator=": " />
        </Part>
      )}
      {http.body !== null && (
        <Part title="Body">
          <CodeText text={formatBody(http.body)} label="Body of the request" />
        </Part>
      )}
      <p className={styles['note']}>Success is {http.expect.join(', ')}. Every other answer is a failure.</p>
    </>
  );
}

/** Names with their values; of a secret its name. */
function Variables({ variables, separator }: { readonly variables: readonly Variable[]; readonly separator: string }) {
  return (
    <ul className={styles['variables']}>
      {variables.map(({ name, value, secret }) => (
        <li key={name}>
          <span className={styles['variable']}>{name}</span>
          {separator}
          {secret === null ? <PlainText text={value ?? ''} /> : <span className={styles['secret']}>secret {secret}</span>}
        </li>
      ))}
    </ul>
  );
}

function formatLines(text: string): string {
  const count = text.replace(/\n$/, '').split('\n').length;
  return count === 1 ? '1 line' : `${count} lines`;
}

function formatBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
