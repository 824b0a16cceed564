-- Edits of the Dovetail server are shown as a diff before they are applied. Other servers' are left alone.

local edits = require('dovetail.edit')
local float = require('dovetail.float')
local progress = require('dovetail.progress')

local M = {}

---@param text string
---@param level? integer
local function tell(text, level)
  vim.notify('Dovetail: ' .. text, level or vim.log.levels.WARN)
end

---@param client vim.lsp.Client
---@param files dovetail.File[]
---@param title string
---@param evidence string?
---@param answer fun(refusal: string?)
local function show(client, files, title, evidence, answer)
  local verdict = 'rejected'
  local close, add ---@type fun(), fun(lines: string[])
  close, add = float.open({
    tab = #files > 1,
    lines = edits.diff(files),
    filetype = 'diff',
    title = #files > 1 and ('%s · %d files'):format(title, #files) or title,
    footer = evidence and 'y apply · n reject · e evidence' or 'y apply · n reject',
    keys = {
      y = function()
        verdict = 'applied'
        close()
      end,
      n = function()
        close()
      end,
      e = function()
        if evidence then
          require('dovetail').evidence(client, evidence)
        end
      end,
    },
    closed = function()
      if verdict == 'applied' then
        answer(edits.apply(files, client.offset_encoding))
      else
        answer(verdict)
      end
    end,
  })
  if evidence then
    local params = { command = 'dovetail.showEvidence', arguments = { evidence } }
    client:request('workspace/executeCommand', params, function(_, told)
      if told and told.held and #told.held > 0 then
        add({ '', ('✓ %d checks held: %s'):format(#told.held, table.concat(told.held, ', ')) })
      end
    end)
  end
end

---Show the diff, once nobody types; `answer` is called once, with nil for "applied" or with why not.
---@param client vim.lsp.Client
---@param edit lsp.WorkspaceEdit
---@param title string
---@param evidence string? names what the edit rests on
---@param answer fun(refusal: string?)
---@param again? fun() asks anew for an edit that was overtaken while it waited
function M.ask(client, edit, title, evidence, answer, again)
  local waits = float.busy()
  if waits and not again then
    local _, refusal = edits.files(edit, client.offset_encoding)
    if refusal then
      return answer(refusal)
    end
  end
  float.when_free(title, function()
    local files, refusal = edits.files(edit, client.offset_encoding)
    if files then
      show(client, files, title, evidence, answer)
    elseif again and waits then
      again()
    else
      answer(refusal)
    end
  end)
end

---The server asks for an edit. Runs in a coroutine, so it may wait for the person; answers honestly.
function M.apply_edit(_, params, context)
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local running = assert(coroutine.running())
  local answered, waiting, refusal = false, false, nil ---@type boolean, boolean, string?
  M.ask(client, params.edit, params.label or 'Edit', nil, function(reason)
    answered, refusal = true, reason
    if waiting then
      vim.schedule(function()
        coroutine.resume(running)
      end)
    end
  end)
  if not answered then
    waiting = true
    coroutine.yield()
  end
  if refusal and refusal ~= 'rejected' then
    tell(refusal)
  end
  return { applied = refusal == nil, failureReason = refusal }
end

---What came back for a chosen row of the menu.
---@param client vim.lsp.Client
---@param action lsp.CodeAction
---@param context lsp.HandlerContext
---@param again fun()
local function resolved(client, action, context, again)
  if action.disabled then
    return tell(action.disabled.reason)
  end
  local function follow()
    if type(action.command) == 'table' then
      client:exec_cmd(action.command, context)
    end
  end
  if not action.edit then
    return follow()
  end
  local evidence = type(action.command) == 'table' and (action.command.arguments or {})[1] or nil
  M.ask(client, action.edit, action.title, type(evidence) == 'string' and evidence or nil, function(refusal)
    if not refusal then
      follow()
    elseif refusal ~= 'rejected' then
      tell(refusal)
    end
  end, again)
end

---@param client vim.lsp.Client
---@param row lsp.CodeAction
---@param buffer integer?
---@param request fun(self: vim.lsp.Client, method: string, params: table, handler: lsp.Handler, buffer: integer?): boolean, integer?
local resolve
resolve = function(client, row, buffer, request)
  local function answered(problem, action, context)
    if problem then
      return tell(problem.message)
    end
    resolved(client, action, context, function()
      resolve(client, row, buffer, request) -- the server finds its place again, and keeps what the model said
    end)
  end
  return progress.run(client, row.title, answered, function(handler)
    return request(client, 'codeAction/resolve', row, handler, buffer)
  end)
end

---Have the edit of a row made, and show it.
---@param client vim.lsp.Client
---@param row lsp.CodeAction
---@param buffer integer
function M.choose(client, row, buffer)
  resolve(client, row, buffer, client.request)
end

---Put the preview between the built-in menu and this client's edits.
---
---The built-in menu applies what `codeAction/resolve` brings, versions unseen. So this one client's
---`request` hands the answer to the preview when the built-in menu is who asked. Plugins that show a
---diff of their own ask for themselves, and get the plain edit.
---@param client vim.lsp.Client
function M.install(client)
  if rawget(client, '_dovetail_preview') then
    return
  end
  rawset(client, '_dovetail_preview', true)
  local request = client.request
  client.request = function(self, method, params, handler, buffer) ---@diagnostic disable-line: duplicate-set-field
    if method == 'codeAction/resolve' and handler then
      if debug.getinfo(handler, 'S').source:find('vim/lsp/buf.lua', 1, true) then
        return resolve(client, params, buffer, request)
      end
    end
    return request(self, method, params, handler, buffer)
  end
end

return M
