import { memorySkillFiles, SkillsExtension } from '@modelcontextprotocol/server/ext/skills'

const SKILL = `---
name: purge
description: How notes are purged
---

Ask first.
`

/** One skill, with a folder inside. */
export const skills: SkillsExtension = await SkillsExtension.load(
  memorySkillFiles({ 'purge/SKILL.md': SKILL, 'purge/references/GUIDE.md': '# Guide\n' }),
)
