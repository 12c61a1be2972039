import type { CSSVariablesResolver, MantineColorsTuple, VariantColorsResolver } from '@mantine/core'
import { createTheme, defaultVariantColorsResolver, parseThemeColor } from '@mantine/core'

const pine: MantineColorsTuple = ['#eef7f3', '#dbece5', '#b8d9cc', '#92c5b1', '#6fb199', '#529f86', '#3a8c73', '#267861', '#156852', '#0b5a4a']
const amber: MantineColorsTuple = ['#fdf6e9', '#f9ead0', '#f2d5a3', '#eabf73', '#e4ab4b', '#d2922b', '#b1761b', '#945f12', '#7b4d0c', '#653e07']
const clay: MantineColorsTuple = ['#fcf0ec', '#f7ddd5', '#eeb9a9', '#e4937a', '#db7254', '#c9593a', '#b2482b', '#993a20', '#842f19', '#702512']
const slate: MantineColorsTuple = ['#f3f6f5', '#e6ebe9', '#d1d9d6', '#b3bfbb', '#90a09a', '#71827c', '#5b6b65', '#485751', '#333f3a', '#1f2925']
const dark: MantineColorsTuple = ['#dbe4e0', '#b9c6c1', '#95a59f', '#70827b', '#41514b', '#31403a', '#24302b', '#1a2420', '#131b18', '#0d1411']

/** Pale fills keep dark text and dark fills keep pale text: the stock light variants miss the contrast of WCAG AA. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const resolved = defaultVariantColorsResolver(input)
  const parsed = parseThemeColor({ color: input.color ?? input.theme.primaryColor, theme: input.theme })
  if (!parsed.isThemeColor) return resolved
  const shade = (index: number) => `var(--mantine-color-${parsed.color}-${index})`
  const text = `light-dark(${shade(9)}, ${shade(2)})`
  if (input.variant === 'light') {
    const tint = (strength: number) => `light-dark(${shade(1)}, color-mix(in srgb, ${shade(6)} ${strength}%, transparent))`
    return { ...resolved, background: tint(24), hover: tint(34), color: text, border: '1px solid transparent' }
  }
  if (input.variant === 'outline') return { ...resolved, color: text, border: `1px solid light-dark(${shade(4)}, ${shade(6)})` }
  if (input.variant === 'subtle' || input.variant === 'transparent') return { ...resolved, color: text }
  return resolved
}

/** Mantine's own muted and error texts miss the contrast on tinted surfaces. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#56655f',
    '--mantine-color-error': '#993a20',
    '--mantine-color-placeholder': '#66756f',
    '--mantine-color-anchor': '#0b5a4a',
    '--mantine-color-text': '#1b2521',
    '--mantine-color-default-border': '#d5deda',
    '--chiron-canvas': '#f4f7f5',
    '--chiron-line': '#e1e8e5',
  },
  dark: {
    '--mantine-color-body': '#18211d',
    '--mantine-color-dimmed': '#a3b2ac',
    '--mantine-color-error': '#e9a28d',
    '--mantine-color-placeholder': '#95a59f',
    '--mantine-color-anchor': '#92c5b1',
    '--mantine-color-text': '#dfe8e4',
    '--mantine-color-default-border': '#35453f',
    '--chiron-canvas': '#101714',
    '--chiron-line': '#293530',
  },
})

// A dialog's header is not the page's banner.
const plainHeader = { header: { role: 'none' } }

export const theme = createTheme({
  primaryColor: 'pine',
  primaryShade: 9,
  colors: { pine, amber, clay, gray: slate, dark },
  variantColorResolver,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: "'Inter', 'Segoe UI', system-ui, -apple-system, 'Helvetica Neue', 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'Cascadia Mono', Menlo, 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8438rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.25' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  components: {
    Anchor: { defaultProps: { inherit: true, underline: 'always' } },
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 600 } },
    Button: { defaultProps: { size: 'sm' } },
    Drawer: { defaultProps: { position: 'right', size: 'md', overlayProps: { backgroundOpacity: 0.35 }, attributes: plainHeader } },
    Modal: { defaultProps: { attributes: plainHeader } },
    Table: { defaultProps: { verticalSpacing: 7, horizontalSpacing: 'sm', borderColor: 'var(--chiron-line)' } },
    Tooltip: { defaultProps: { openDelay: 300 } },
  },
})
