import { Gone } from '../parts/loaded.tsx';
import { Page } from '../parts/page.tsx';

/** No such address. */
export function Missing() {
  return (
    <Page title="Not found" narrow>
      <Gone />
    </Page>
  );
}
