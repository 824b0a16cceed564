-- Dovetail for `vim.lsp.enable('dovetail')`, with or without the rest of this plugin.
-- `require('dovetail').setup {}` adds ghost text on 0.11, the preview of edits, `:Dovetail` and more.

local server = require('dovetail.server')

return {
  cmd = { server.executable() },
  filetypes = { 'bash', 'c', 'cpp', 'cs', 'csharp', 'go', 'java', 'javascript', 'javascriptreact', 'lua', 'markdown', 'php', 'python', 'ruby', 'rust', 'sh', 'shellscript', 'typescript', 'typescriptreact' },
  root_dir = server.root,
  -- 0.11 and 0.12 understand these and do not say so.
  capabilities = { workspace = { workspaceEdit = { documentChanges = true } } },
}
