-- Tells the server where the cursor rests, as editors with a light bulb do by themselves: it asks for the menu of the
-- place, and what may be asked for there next is made ready.

local M = {}

local PAUSE = 250 -- milliseconds without a move
local group = vim.api.nvim_create_augroup('dovetail_resting', {})
local timer

local function tell(client, buffer)
  if not vim.api.nvim_buf_is_valid(buffer) or vim.api.nvim_get_current_buf() ~= buffer or client:is_stopped() then
    return
  end
  local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
  local automatic = vim.lsp.protocol.CodeActionTriggerKind.Automatic
  client:request('textDocument/codeAction', {
    textDocument = params.textDocument,
    range = { start = params.range.start, ['end'] = params.range.start },
    context = { diagnostics = {}, triggerKind = automatic },
  }, function() end, buffer)
end

---@param client vim.lsp.Client
---@param buffer integer
function M.attach(client, buffer)
  vim.api.nvim_clear_autocmds({ group = group, buffer = buffer })
  vim.api.nvim_create_autocmd({ 'CursorMoved', 'BufEnter' }, {
    group = group,
    buffer = buffer,
    callback = function()
      timer = timer or vim.uv.new_timer()
      timer:start(PAUSE, 0, vim.schedule_wrap(function()
        tell(client, buffer)
      end))
    end,
  })
end

return M
