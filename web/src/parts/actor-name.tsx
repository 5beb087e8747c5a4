import { VisuallyHidden } from '@mantine/core';
import { IconBolt, IconBroadcast, IconKey, IconRobot, IconUser, IconUsers, type TablerIcon } from '@tabler/icons-react';
import { describeActor } from './actor.ts';
import styles from './facts.module.css';

const ICONS: Readonly<Record<string, TablerIcon>> = {
  person: IconUser,
  system: IconRobot,
  trigger: IconBolt,
  agent: IconBroadcast,
  token: IconKey,
  team: IconUsers,
  role: IconUsers,
};

/** Who did something, with the shape of what they are. */
export function ActorName({ who }: { readonly who: string }) {
  const { name, kind } = describeActor(who);
  const Icon = ICONS[kind] ?? IconUser;
  return (
    <span className={styles['actor']} title={`${kind} ${name}`}>
      <Icon size={14} aria-hidden />
      {kind !== 'person' && <VisuallyHidden>{kind} </VisuallyHidden>}
      <bdi>{name}</bdi>
    </span>
  );
}
