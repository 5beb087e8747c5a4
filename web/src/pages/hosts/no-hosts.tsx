import { IconServerOff } from '@tabler/icons-react';
import { CopyIcon } from '../../parts/copy.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Card } from '../../parts/page.tsx';

/** How the first host comes. */
export function NoHosts() {
  const command = `tocsin agent --server ${location.origin} --token-file FILE`;
  return (
    <Card>
      <Empty
        Icon={IconServerOff}
        title="No host yet"
        action={
          <>
            <code>{command}</code> <CopyIcon text={command} label="Copy the command" />
          </>
        }
      >
        The agent of this machine appears a few seconds after the start. For another one create a token with the role agent under Settings,
        put it into a file there, and start the agent:
      </Empty>
    </Card>
  );
}
