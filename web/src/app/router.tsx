import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { base } from '../data/base.ts';
import { sessionQuery } from '../data/session.ts';
import { Crashed } from './crashed.tsx';
import { exploreSearch } from './explore-search.ts';
import { Missing } from './missing.tsx';
import {
  alertSearch,
  archiveSearch,
  askSearch,
  auditSearch,
  listSearch,
  rangeSearch,
  recommendationSearch,
  signInSearch,
} from './search.ts';
import { Shell } from './shell.tsx';
import { Starting } from './starting.tsx';

interface Context {
  readonly queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Outlet });

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('../pages/session/setup-page.tsx'), 'SetupPage'),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import('../pages/session/sign-in-page.tsx'), 'SignInPage'),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.ensureQueryData(sessionQuery);
    if (session.me === null) throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { to: location.href } });
  },
});

const inShell = { getParentRoute: () => shell };

const pages = [
  createRoute({
    ...inShell,
    path: '/',
    component: lazyRouteComponent(() => import('../pages/overview/overview-page.tsx'), 'OverviewPage'),
  }),
  createRoute({
    ...inShell,
    path: '/hosts',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('../pages/hosts/hosts-page.tsx'), 'HostsPage'),
  }),
  createRoute({
    ...inShell,
    path: '/hosts/$name',
    validateSearch: rangeSearch,
    component: lazyRouteComponent(() => import('../pages/hosts/host-page.tsx'), 'HostPage'),
  }),
  createRoute({
    ...inShell,
    path: '/explore',
    validateSearch: exploreSearch,
    component: lazyRouteComponent(() => import('../pages/explore/explore-page.tsx'), 'ExplorePage'),
  }),
  createRoute({
    ...inShell,
    path: '/alerts',
    validateSearch: alertSearch,
    component: lazyRouteComponent(() => import('../pages/alerts/alerts-page.tsx'), 'AlertsPage'),
  }),
  createRoute({
    ...inShell,
    path: '/alerts/$id',
    component: lazyRouteComponent(() => import('../pages/alerts/alert-page.tsx'), 'AlertPage'),
  }),
  createRoute({
    ...inShell,
    path: '/actions',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('../pages/actions/actions-page.tsx'), 'ActionsPage'),
  }),
  createRoute({
    ...inShell,
    path: '/actions/$name',
    validateSearch: askSearch,
    component: lazyRouteComponent(() => import('../pages/actions/action-page.tsx'), 'ActionPage'),
  }),
  createRoute({
    ...inShell,
    path: '/approvals',
    component: lazyRouteComponent(() => import('../pages/approvals/approvals-page.tsx'), 'ApprovalsPage'),
  }),
  createRoute({ ...inShell, path: '/runs/$id', component: lazyRouteComponent(() => import('../pages/runs/run-page.tsx'), 'RunPage') }),
  createRoute({
    ...inShell,
    path: '/archive',
    validateSearch: archiveSearch,
    component: lazyRouteComponent(() => import('../pages/archive/archive-page.tsx'), 'ArchivePage'),
  }),
  createRoute({
    ...inShell,
    path: '/recommendations',
    validateSearch: recommendationSearch,
    component: lazyRouteComponent(() => import('../pages/recommendations/recommendations-page.tsx'), 'RecommendationsPage'),
  }),
];

const settings = createRoute({
  ...inShell,
  path: '/settings',
  component: lazyRouteComponent(() => import('../pages/settings/settings-frame.tsx'), 'SettingsFrame'),
});
const inSettings = { getParentRoute: () => settings };

const settingsPages = [
  createRoute({
    ...inSettings,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/settings/account', replace: true });
    },
  }),
  createRoute({
    ...inSettings,
    path: '/account',
    component: lazyRouteComponent(() => import('../pages/settings/account-page.tsx'), 'AccountPage'),
  }),
  createRoute({
    ...inSettings,
    path: '/appearance',
    component: lazyRouteComponent(() => import('../pages/settings/appearance-page.tsx'), 'AppearancePage'),
  }),
  createRoute({
    ...inSettings,
    path: '/users',
    component: lazyRouteComponent(() => import('../pages/settings/users-page.tsx'), 'UsersPage'),
  }),
  createRoute({
    ...inSettings,
    path: '/tokens',
    component: lazyRouteComponent(() => import('../pages/settings/tokens-page.tsx'), 'TokensPage'),
  }),
  createRoute({
    ...inSettings,
    path: '/status',
    component: lazyRouteComponent(() => import('../pages/settings/status-page.tsx'), 'StatusPage'),
  }),
  createRoute({
    ...inSettings,
    path: '/storage',
    component: lazyRouteComponent(() => import('../pages/storage/storage-page.tsx'), 'StoragePage'),
  }),
  createRoute({
    ...inSettings,
    path: '/audit',
    validateSearch: auditSearch,
    component: lazyRouteComponent(() => import('../pages/settings/audit-page.tsx'), 'AuditPage'),
  }),
];

const tree = root.addChildren([setup, signIn, shell.addChildren([...pages, settings.addChildren(settingsPages)])]);

/** Every page and its address. */
export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    basepath: base === '' ? '/' : base,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultPendingComponent: Starting,
    defaultPendingMs: 400,
    defaultErrorComponent: Crashed,
    defaultNotFoundComponent: Missing,
  });
}

/** Fetches the code of all pages while nobody waits for it, so that the menu works at once, and also while the server is away. */
export function preloadPages(): void {
  for (const { options } of [...pages, ...settingsPages]) {
    const { component } = options;
    if (component !== undefined && 'preload' in component) component.preload?.()?.catch(() => undefined);
  }
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
