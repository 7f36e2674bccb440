/** VS Code's colours as it hands them to a webview, for its default themes: those that our pages and their controls use. */
export type ThemeName = 'dark' | 'light' | 'high-contrast';

export interface Theme {
  /** As in `data-vscode-theme-kind`. */
  readonly kind: string;
  readonly variables: Readonly<Record<string, string>>;
}

const fonts = { 'font-family': 'sans-serif', 'font-size': '13px', 'font-weight': 'normal', 'editor-font-size': '14px' };

export const themes: Readonly<Record<ThemeName, Theme>> = {
  dark: {
    kind: 'vscode-dark',
    variables: {
      ...fonts,
      ...{ foreground: '#cccccc', 'editor-background': '#1f1f1f', 'editor-foreground': '#cccccc' },
      ...{ descriptionForeground: '#9d9d9d', disabledForeground: 'rgba(204, 204, 204, 0.5)', focusBorder: '#0078d4' },
      ...{
        'charts-blue': '#3794ff',
        'charts-green': '#89d185',
        'charts-orange': '#d18616',
        'charts-purple': '#b180d7',
      },
      ...{ 'charts-yellow': '#cca700', 'charts-red': '#f14c4c', 'panel-border': '#2b2b2b' },
      ...{ 'button-background': '#0078d4', 'button-foreground': '#ffffff', 'button-hoverBackground': '#026ec1' },
      ...{
        'button-secondaryBackground': '#313131',
        'button-secondaryForeground': '#cccccc',
        'button-border': '#ffffff12',
      },
      ...{ 'button-secondaryHoverBackground': '#3c3c3c', 'dropdown-background': '#313131' },
      ...{ 'dropdown-foreground': '#cccccc', 'dropdown-border': '#3c3c3c', 'settings-dropdownBackground': '#313131' },
      ...{ 'settings-dropdownListBorder': '#454545', 'input-background': '#313131', 'input-foreground': '#cccccc' },
      ...{ 'input-placeholderForeground': '#989898', 'settings-textInputBorder': '#3c3c3c' },
      ...{ 'list-hoverBackground': '#2a2d2e', 'list-activeSelectionBackground': '#04395e' },
      ...{ 'list-activeSelectionForeground': '#ffffff', 'textBlockQuote-background': '#2b2b2b' },
    },
  },
  light: {
    kind: 'vscode-light',
    variables: {
      ...fonts,
      ...{ foreground: '#3b3b3b', 'editor-background': '#ffffff', 'editor-foreground': '#3b3b3b' },
      ...{ descriptionForeground: '#3b3b3b', disabledForeground: 'rgba(97, 97, 97, 0.5)', focusBorder: '#005fb8' },
      ...{
        'charts-blue': '#1a85ff',
        'charts-green': '#388a34',
        'charts-orange': '#d18616',
        'charts-purple': '#652d90',
      },
      ...{ 'charts-yellow': '#bf8803', 'charts-red': '#e51400', 'panel-border': '#e5e5e5' },
      ...{ 'button-background': '#005fb8', 'button-foreground': '#ffffff', 'button-hoverBackground': '#0258a8' },
      ...{
        'button-secondaryBackground': '#e5e5e5',
        'button-secondaryForeground': '#3b3b3b',
        'button-border': '#0000001a',
      },
      ...{ 'button-secondaryHoverBackground': '#cccccc', 'dropdown-background': '#ffffff' },
      ...{ 'dropdown-foreground': '#3b3b3b', 'dropdown-border': '#cecece', 'settings-dropdownBackground': '#ffffff' },
      ...{ 'settings-dropdownListBorder': '#cecece', 'input-background': '#ffffff', 'input-foreground': '#3b3b3b' },
      ...{ 'input-placeholderForeground': '#767676', 'settings-textInputBorder': '#cecece' },
      ...{ 'list-hoverBackground': '#f2f2f2', 'list-activeSelectionBackground': '#e8e8e8' },
      ...{ 'list-activeSelectionForeground': '#000000', 'textBlockQuote-background': '#f8f8f8' },
    },
  },
  'high-contrast': {
    kind: 'vscode-high-contrast',
    variables: {
      ...fonts,
      ...{ foreground: '#ffffff', 'editor-background': '#000000', 'editor-foreground': '#ffffff' },
      ...{ descriptionForeground: 'rgba(255, 255, 255, 0.7)', disabledForeground: '#a5a5a5', focusBorder: '#f38518' },
      ...{ contrastBorder: '#6fc3df', contrastActiveBorder: '#f38518', 'panel-border': '#6fc3df' },
      ...{
        'charts-blue': '#3794ff',
        'charts-green': '#89d185',
        'charts-orange': '#d18616',
        'charts-purple': '#b180d7',
      },
      ...{ 'charts-yellow': '#ffd370', 'charts-red': '#f48771' },
      ...{ 'button-background': '#000000', 'button-foreground': '#ffffff', 'button-border': '#6fc3df' },
      ...{ 'button-secondaryBackground': '#000000', 'button-secondaryForeground': '#ffffff' },
      ...{ 'dropdown-background': '#000000', 'dropdown-foreground': '#ffffff', 'dropdown-border': '#6fc3df' },
      ...{ 'settings-dropdownBackground': '#000000', 'settings-dropdownListBorder': '#6fc3df' },
      ...{ 'input-background': '#000000', 'input-foreground': '#ffffff', 'input-placeholderForeground': '#b3b3b3' },
      ...{ 'settings-textInputBorder': '#6fc3df' },
    },
  },
};
