import { IconMapOff } from '@tabler/icons-react';
import { Empty } from '../parts/empty.tsx';
import { LinkButton } from '../parts/link-button.tsx';
import { Card, Page } from '../parts/page.tsx';

/** No such address. */
export function Missing() {
  return (
    <Page title="Not found" narrow>
      <Card>
        <Empty Icon={IconMapOff} title="There is nothing at this address" action={<LinkButton to="/">To the overview</LinkButton>}>
          It may have been removed, or the link is incomplete. Runs and resolved alerts disappear when their retention ends.
        </Empty>
      </Card>
    </Page>
  );
}
