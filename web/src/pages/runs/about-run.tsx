import { Link } from '@tanstack/react-router';
import type { Run } from '../../data/types.ts';
import { ActorName } from '../../parts/actor-name.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { formatLength } from '../../parts/format.ts';
import { Card } from '../../parts/page.tsx';
import { Countdown, Lasted, Moment } from '../../parts/time.tsx';

/** Everything recorded about a run, besides its output. */
export function AboutRun({ run }: { readonly run: Run }) {
  return (
    <Card title="About this run">
      <Facts>
        <Fact name="Asked by">
          <ActorName who={run.requestedBy} />
        </Fact>
        <Fact name="Action">
          <Link to="/actions/$name" params={{ name: run.action }}>
            {run.action}
          </Link>
        </Fact>
        <Fact name="Host">
          <Link to="/hosts/$name" params={{ name: run.host }}>
            {run.host}
          </Link>
        </Fact>
        {run.runAs !== null && <Fact name="Runs as">{run.runAs}</Fact>}
        {run.alert !== null && (
          <Fact name="Because of">
            <Link to="/alerts/$id" params={{ id: run.alert }}>
              this alert
            </Link>
          </Fact>
        )}
        {run.trigger !== null && <Fact name="Trigger">{run.trigger}</Fact>}
        <Times run={run} />
        <Outcome run={run} />
        {Object.entries(run.parameters).map(([name, value]) => (
          <Fact key={name} name={`Parameter ${name}`}>
            <code>{String(value)}</code>
          </Fact>
        ))}
        {run.comment !== '' && (
          <Fact name="Comment" wide>
            {run.comment}
          </Fact>
        )}
        {run.reason !== '' && (
          <Fact name="Reason" wide>
            {run.reason}
          </Fact>
        )}
        {run.approvals.map(({ by, at, approve, comment, via }) => (
          <Fact key={`${by}${at}`} name={approve ? 'Approved by' : 'Rejected by'} wide>
            <ActorName who={by} />, <Moment at={at} />
            {via === 'mail link' && ', by a link from mail'}
            {comment !== '' && `: ${comment}`}
          </Fact>
        ))}
      </Facts>
    </Card>
  );
}

function Times({ run }: { readonly run: Run }) {
  return (
    <>
      <Fact name="Triggered">
        <Moment at={run.triggeredAt} />
      </Fact>
      {run.startedAt !== null && (
        <Fact name="Started">
          <Moment at={run.startedAt} />
        </Fact>
      )}
      {run.finishedAt !== null && (
        <Fact name="Finished">
          <Moment at={run.finishedAt} />
        </Fact>
      )}
      {run.startedAt !== null && (
        <Fact name={run.final ? 'Took' : 'Runs for'}>
          {run.durationMs === null ? <Lasted from={run.startedAt} to={run.finishedAt} /> : formatLength(run.durationMs)}
        </Fact>
      )}
      {!run.final && run.deadline !== null && run.startedAt !== null && (
        <Fact name="Is stopped in">
          <Countdown at={run.deadline} />
        </Fact>
      )}
    </>
  );
}

function Outcome({ run }: { readonly run: Run }) {
  return (
    <>
      {run.exitCode !== null && <Fact name="Exit code">{run.exitCode}</Fact>}
      {run.signal !== null && <Fact name="Signal">{run.signal}</Fact>}
      {run.spawnError !== null && (
        <Fact name="Could not start" wide>
          {run.spawnError}
        </Fact>
      )}
      <Fact name="Id">
        <code>{run.id}</code>
      </Fact>
    </>
  );
}
