import {
  ResourceTemplate,
  type CallToolResult,
  type ContentBlock,
  type McpServer,
} from '@modelcontextprotocol/server'
import { strings, text } from './schema.js'

/** One red point, and the shortest sound. */
const IMAGE = {
  type: 'image',
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  mimeType: 'image/png',
} as const
const AUDIO = {
  type: 'audio',
  data: 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=',
  mimeType: 'audio/wav',
} as const

const embedded = (uri: string, mimeType: string, said: string) =>
  ({ type: 'resource', resource: { uri, mimeType, text: said } }) as const

const CONTENT: Readonly<Record<string, readonly ContentBlock[]>> = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [IMAGE],
  test_audio_content: [AUDIO],
  test_embedded_resource: [
    embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ],
  test_multiple_content_types: [
    text('Multiple content types test:'),
    IMAGE,
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ],
}

/** Content of each kind, and what may go wrong with it. */
export function registerContent(server: McpServer): void {
  for (const [name, content] of Object.entries(CONTENT)) {
    server.registerTool(name, { description: name }, () => ({ content: [...content] }))
  }
  server.registerTool('test_error_handling', { description: 'fails' }, (): CallToolResult => {
    return {
      isError: true,
      content: [text('This tool intentionally returns an error for testing')],
    }
  })
  server.registerTool('test_tool_with_logging', { description: 'logs' }, async (ctx) => {
    for (const data of ['started', 'processing data', 'completed']) {
      await ctx.mcpReq.log('info', `Tool execution ${data}`)
    }
    return { content: [text('logged')] }
  })
  server.registerTool('test_tool_with_progress', { description: 'progresses' }, async (ctx) => {
    const { _meta: meta } = ctx.mcpReq
    const progressToken = meta?.progressToken
    for (const progress of [0, 50, 100]) {
      if (progressToken === undefined) break
      const params = { progressToken, progress, total: 100 }
      await ctx.mcpReq.notify({ method: 'notifications/progress', params })
    }
    return { content: [text('done')] }
  })
  registerResources(server)
  registerPrompts(server)
}

function registerResources(server: McpServer): void {
  server.registerResource('text', 'test://static-text', { mimeType: 'text/plain' }, ({ href }) => ({
    contents: [
      {
        uri: href,
        mimeType: 'text/plain',
        text: 'This is the content of the static text resource.',
      },
    ],
  }))
  server.registerResource('binary', 'test://static-binary', {}, ({ href }) => ({
    contents: [{ uri: href, mimeType: IMAGE.mimeType, blob: IMAGE.data }],
  }))
  server.registerResource('watched', 'test://watched-resource', {}, ({ href }) => ({
    contents: [{ uri: href, mimeType: 'text/plain', text: 'Watched resource content' }],
  }))
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined })
  server.registerResource('template', template, {}, ({ href }, { id }) => ({
    contents: [
      {
        uri: href,
        mimeType: 'application/json',
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
      },
    ],
  }))
}

const said = (...content: readonly ContentBlock[]) => ({
  messages: content.map((part) => ({ role: 'user' as const, content: part })),
})

function registerPrompts(server: McpServer): void {
  server.registerPrompt('test_simple_prompt', { description: 'simple prompt' }, () =>
    said(text('This is a simple prompt for testing.')),
  )
  server.registerPrompt('test_prompt_with_image', { description: 'prompt with image' }, () =>
    said(IMAGE, text('Please analyze the image above.')),
  )
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'prompt with arguments', argsSchema: strings('arg1', 'arg2') },
    ({ arg1, arg2 }) => said(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'prompt with embedded resource', argsSchema: strings('resourceUri') },
    ({ resourceUri }) =>
      said(
        embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'),
        text('Please process the embedded resource above.'),
      ),
  )
}
