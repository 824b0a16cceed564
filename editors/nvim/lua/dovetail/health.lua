-- `:checkhealth dovetail`

local M = {}

function M.check()
  local health = vim.health
  health.start('Dovetail')
  if vim.fn.has('nvim-0.11') == 0 then
    return health.error('Neovim 0.11 or newer is needed')
  end
  health.ok('Neovim ' .. tostring(vim.version()))
  health.info('ghost text is drawn by ' .. (vim.lsp.inline_completion and 'Neovim' or 'this plugin'))

  local config = vim.lsp.config.dovetail
  local command = config and config.cmd
  if type(command) ~= 'table' then
    health.info('the server is started by a function of your own')
  elseif vim.fn.executable(command[1]) ~= 1 then
    health.error(('there is no `%s`'):format(command[1]), {
      'Run `make demo` in the checkout of Dovetail, or put `dovetail` on the PATH,',
      "or name it: require('dovetail').setup { cmd = { '/path/to/dovetail' } }",
    })
  else
    local answer = vim.system({ command[1], '--version' }, { text = true, timeout = 20000 }):wait()
    if answer.code == 0 then
      health.ok(vim.trim(answer.stdout) .. ' at ' .. command[1])
    else
      health.error(('%s does not start: %s'):format(command[1], vim.trim(answer.stderr or '')))
    end
    health.info(('`%s doctor` looks at Python, llama.cpp, the model and memory'):format(command[1]))
  end
  if not vim.lsp.is_enabled('dovetail') then
    health.warn("it is not enabled: call require('dovetail').setup {} or vim.lsp.enable('dovetail')")
  end

  local clients = vim.lsp.get_clients({ name = 'dovetail' })
  if #clients == 0 then
    health.info('no server runs now; it starts with the first file of a supported language')
  end
  for _, client in ipairs(clients) do
    local root = client.root_dir or 'no folder'
    local answer = client:request_sync('workspace/executeCommand', { command = 'dovetail.status' }, 3000, 0)
    local now = answer and answer.result
    if not now then
      health.error(('the server of %s does not answer'):format(root), { '`:Dovetail restart`' })
    else
      local model = now.model ~= '' and now.model or 'no model'
      local line = ('%s: %s, %s'):format(root, model, now.state)
      if now.reason ~= '' then
        line = ('%s (%s)'):format(line, now.reason)
      end
      health[now.model ~= '' and 'ok' or 'warn'](line)
      health.info(now.trusted and 'you trust this folder' or 'this folder is not trusted (option `trusted`)')
    end
  end
end

return M
