/** A section of DIRAC's configuration: options and sections by name. */
export interface Section {
  readonly [name: string]: string | number | Section;
}

/** As DIRAC writes it to files. */
export function configurationText(section: Section, indent = ''): string {
  return Object.entries(section)
    .map(([name, value]) =>
      typeof value === 'object'
        ? `${indent}${name}\n${indent}{\n${configurationText(value, `${indent}  `)}${indent}}\n`
        : `${indent}${name} = ${value}\n`,
    )
    .join('');
}
