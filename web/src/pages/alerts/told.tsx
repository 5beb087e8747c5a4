import { IconCircleCheck, IconCircleX, IconClock, IconMailOff, IconSend } from '@tabler/icons-react';
import type { Message } from '../../data/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Empty } from '../../parts/empty.tsx';
import { plural } from '../../parts/format.ts';
import { Card } from '../../parts/page.tsx';
import { Moment } from '../../parts/time.tsx';
import styles from './alert-page.module.css';

/** Who was told what, and whether it arrived. */
export function Told({ messages }: { readonly messages: readonly Message[] }) {
  return (
    <Card title="Who was told" flush {...(messages.length > 0 && { count: messages.length })}>
      {messages.length === 0 ? (
        <Empty Icon={IconMailOff} title="Nobody yet">
          Messages go out when the alert fires and the route's waiting time is over.
        </Empty>
      ) : (
        <ul className={styles['messages']}>
          {messages.map((message) => (
            <li key={message.id}>
              <span className={styles['subject']}>{message.subject}</span>
              <State state={message.state} />
              <span className={styles['meta']}>
                <span>{message.channel}</span>
                <span>{message.reason}</span>
                <Moment at={message.sentAt ?? message.createdAt} />
                {message.attempts > 1 && <span>{plural(message.attempts, 'attempt')}</span>}
              </span>
              {message.error !== null && message.state !== 'sent' && <span className={styles['failure']}>{message.error}</span>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function State({ state }: { readonly state: Message['state'] }) {
  switch (state) {
    case 'sent':
      return (
        <Badge tone="good" mark={<IconCircleCheck size={15} aria-hidden />}>
          Sent
        </Badge>
      );
    case 'given up':
      return (
        <Badge tone="critical" mark={<IconCircleX size={15} aria-hidden />}>
          Given up
        </Badge>
      );
    case 'sending':
      return (
        <Badge tone="accent" mark={<IconSend size={15} aria-hidden />}>
          Sending
        </Badge>
      );
    case 'owed':
      return (
        <Badge tone="quiet" mark={<IconClock size={15} aria-hidden />}>
          Owed
        </Badge>
      );
  }
}
