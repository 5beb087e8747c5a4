import './theme/mantine.css';
import './theme/tokens.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createAppRouter, preloadPages } from './app/router.tsx';
import { createQueries } from './data/query-client.ts';
import { colorSchemes } from './theme/color-scheme.ts';
import { cssVariables, theme } from './theme/theme.ts';

const queries = createQueries();
const router = createAppRouter(queries);

const root = document.querySelector('#root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        colorSchemeManager={colorSchemes}
        defaultColorScheme="auto"
        cssVariablesResolver={cssVariables}
        deduplicateCssVariables={false}
      >
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
          <Notifications position="bottom-right" limit={4} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

const QUIET_MS = 3000;
setTimeout(preloadPages, QUIET_MS);
