import { ActionIcon, Button, Switch, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconDownload, IconSearch, IconTextWrap } from '@tabler/icons-react';
import type { KeyboardEvent, ReactNode } from 'react';
import styles from './output-view.module.css';

interface Props {
  readonly state: ReactNode;
  readonly words: string;
  readonly onSearch: (words: string) => void;
  readonly matches: string | null;
  readonly onStep: (by: number) => void;
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
  readonly wrap: boolean;
  readonly onWrap: (wrap: boolean) => void;
  readonly live: boolean;
  readonly download: string | null;
  readonly fileName: string;
}

export function OutputToolbar(props: Props) {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') props.onStep(event.shiftKey ? -1 : 1);
    if (event.key === 'Escape') props.onSearch('');
  };
  return (
    <div className={styles['bar']}>
      <h2 className={styles['title']}>
        Output <span className={styles['state']}>{props.state}</span>
      </h2>
      <TextInput
        type="search"
        size="xs"
        aria-label="Search the output"
        placeholder="Search the output"
        value={props.words}
        onChange={(event) => props.onSearch(event.currentTarget.value)}
        onKeyDown={onKey}
        leftSection={<IconSearch size={14} aria-hidden />}
        style={{ width: 190 }}
      />
      {props.matches !== null && (
        <>
          <span className={styles['matches']} role="status">
            {props.matches}
          </span>
          <ActionIcon.Group>
            <ActionIcon variant="default" size="md" aria-label="Match before" onClick={() => props.onStep(-1)}>
              <IconChevronUp size={15} aria-hidden />
            </ActionIcon>
            <ActionIcon variant="default" size="md" aria-label="Next match" onClick={() => props.onStep(1)}>
              <IconChevronDown size={15} aria-hidden />
            </ActionIcon>
          </ActionIcon.Group>
        </>
      )}
      {props.live && (
        <Switch size="sm" label="Follow" checked={props.follow} onChange={(event) => props.onFollow(event.currentTarget.checked)} />
      )}
      <ActionIcon
        variant={props.wrap ? 'light' : 'default'}
        size="md"
        aria-label="Wrap long lines"
        title="Wrap long lines"
        aria-pressed={props.wrap}
        onClick={() => props.onWrap(!props.wrap)}
      >
        <IconTextWrap size={16} aria-hidden />
      </ActionIcon>
      {props.download !== null && (
        <Button
          component="a"
          href={props.download}
          download={props.fileName}
          variant="default"
          size="xs"
          leftSection={<IconDownload size={15} aria-hidden />}
        >
          Download
        </Button>
      )}
    </div>
  );
}
