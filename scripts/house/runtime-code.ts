import type { Module } from '@swc/core'

const NAMES_ONLY: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'ExportAllDeclaration',
  'ExportNamedDeclaration',
  'TsInterfaceDeclaration',
  'TsTypeAliasDeclaration',
  'TsModuleDeclaration',
])

/** Whether a file does more than declare types and name what other files export. */
export function hasRuntimeCode({ body }: Module): boolean {
  return body.some((item) => {
    const { type } = item.type === 'ExportDeclaration' ? item.declaration : item
    return !NAMES_ONLY.has(type)
  })
}
