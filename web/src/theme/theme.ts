import {
  Button,
  createTheme,
  type CSSVariablesResolver,
  defaultVariantColorsResolver,
  Drawer,
  type MantineColorsTuple,
  Modal,
  NativeSelect,
  PasswordInput,
  Textarea,
  TextInput,
} from '@mantine/core';

/** Verdigris, the colour of an old bell. */
const verdigris: MantineColorsTuple = [
  '#e8f7f4',
  '#d0ede8',
  '#a3dcd3',
  '#72cabd',
  '#4fd1c1',
  '#2aa79a',
  '#13897d',
  '#0b7268',
  '#095f57',
  '#054c46',
];

/** The greys of the dark scheme, with a breath of the same green as everything else. */
const dark: MantineColorsTuple = [
  '#e7eeeb',
  '#c5d2cd',
  '#a9b8b3',
  '#8a9a95',
  '#3b4a46',
  '#2f3c38',
  '#1b2523',
  '#151d1b',
  '#0e1413',
  '#0a0f0e',
];

const CLOSE = { 'aria-label': 'Close' };

export const theme = createTheme({
  primaryColor: 'verdigris',
  primaryShade: { light: 7, dark: 4 },
  colors: { verdigris, dark },
  // The accent is dark in the light scheme and light in the dark one: what stands on it must follow.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    if ((input.color ?? input.theme.primaryColor) !== 'verdigris') return colors;
    if (input.variant === 'filled') return { ...colors, color: 'var(--on-accent)' };
    if (input.variant === 'light')
      return { ...colors, background: 'var(--accent-soft)', hover: 'var(--surface-3)', color: 'var(--accent-ink)' };
    return colors;
  },
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '14px', md: '15px', lg: '17px', xl: '20px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: { fontFamily: 'var(--sans)', fontWeight: '650' },
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
    PasswordInput: PasswordInput.extend({
      defaultProps: { size: 'sm', visibilityToggleButtonProps: { 'aria-label': 'Show what is typed' } },
    }),
    Textarea: Textarea.extend({ defaultProps: { size: 'sm', autosize: true, minRows: 2 } }),
    NativeSelect: NativeSelect.extend({ defaultProps: { size: 'sm' } }),
    Modal: Modal.extend({
      defaultProps: { centered: true, radius: 'lg', overlayProps: { backgroundOpacity: 0.45, blur: 2 }, closeButtonProps: CLOSE },
    }),
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps: CLOSE } }),
  },
});

const surfaces = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-2)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--surface-2)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-anchor': 'var(--accent-ink)',
  '--mantine-color-error': 'var(--critical)',
  '--mantine-color-disabled': 'var(--surface-2)',
  '--mantine-color-disabled-color': 'var(--ink-3)',
  '--mantine-color-disabled-border': 'var(--line)',
};

/** Mantine draws with the tokens of tokens.css, so that there is one palette. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: surfaces, dark: surfaces });
