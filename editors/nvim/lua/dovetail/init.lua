-- Dovetail in Neovim: what the server alone cannot do. Everything here shows and asks; the server decides.

local M = {}

---@class dovetail.Options
---@field cmd? string[] the server; else the one of this checkout, else `dovetail` on the PATH
---@field trusted? boolean|string[]|fun(root: string): boolean folders whose own configuration may run checkers
---@field ghost_text? boolean suggestions while typing
---@field preview? boolean show a diff before an edit is applied
---@field keys? dovetail.Keys|false in insert mode; each `false` for none
---@field settings? table what the server may narrow, see `:help dovetail-settings`
---@field user? table a model, an endpoint and the like; comes from your own configuration alone

---@class dovetail.Keys
---@field accept? string|false
---@field accept_word? string|false
---@field accept_line? string|false
---@field next? string|false
---@field dismiss? string|false

M.options = {
  trusted = false,
  ghost_text = true,
  preview = true,
  keys = {
    accept = '<Tab>',
    accept_word = '<M-Right>',
    accept_line = '<M-C-Right>',
    next = '<M-Down>',
    dismiss = '<C-]>',
  },
  settings = {},
  user = {},
}

local paused = false
local said = {} ---@type table<integer, table> the last `dovetail/status` of each client
local deaths = {} ---@type integer[] seconds
local stopped = {} ---@type table<integer, true> clients whose end was asked for

local function tell(text, level)
  vim.notify('Dovetail: ' .. text, level or vim.log.levels.INFO)
end

---@return vim.lsp.Client? client of this buffer, else any
function M.client()
  return vim.lsp.get_clients({ name = 'dovetail', bufnr = 0 })[1] or vim.lsp.get_clients({ name = 'dovetail' })[1]
end

---@param client vim.lsp.Client
local function ghost_text(client)
  local on = M.options.ghost_text and not paused
  if vim.lsp.inline_completion then
    vim.lsp.inline_completion.enable(on, { client_id = client.id })
  else
    require('dovetail.ghost').enable(on)
  end
end

---Who typed before there was anybody to ask does not have to type once more.
local function ask_now()
  vim.schedule(function()
    if vim.api.nvim_get_mode().mode == 'i' and M.client() then
      vim.api.nvim_exec_autocmds('CursorMovedI', { buffer = 0 })
    end
  end)
end

---Have a command of the server done; what it waits for can be seen and stopped.
---@param client vim.lsp.Client
---@param title string
---@param command string
---@param arguments any[]
---@param answer fun(result: any)
local function execute(client, title, command, arguments, answer)
  require('dovetail.progress').run(client, title, function(problem, result)
    if problem then
      return tell(problem.message, vim.log.levels.WARN)
    end
    answer(result)
  end, function(handler)
    return client:request('workspace/executeCommand', { command = command, arguments = arguments }, handler)
  end)
end

---Ask the server for a document and show it.
---@param client vim.lsp.Client
---@param title string
---@param command string
---@param arguments any[]
local function document(client, title, command, arguments)
  execute(client, title, command, arguments, function(result)
    if result and type(result.markdown) == 'string' and result.markdown ~= '' then
      require('dovetail.float').markdown(title, result.markdown, type(result.uri) == 'string' and result.uri or nil)
    end
  end)
end

---What the server wrote under an address of its own (`dovetail://explanation/…`), in its buffer.
---@param buffer integer
---@param address string
local function read(buffer, address)
  local client = M.client()
  if not client then
    return tell('no server runs that could tell what ' .. address .. ' says', vim.log.levels.WARN)
  end
  vim.bo[buffer].buftype = 'nofile'
  vim.bo[buffer].swapfile = false
  local answer, problem = client:request_sync('workspace/textDocumentContent', { uri = address }, 2000, buffer)
  local text = answer and answer.result and answer.result.text
  if type(text) ~= 'string' then
    local why = answer and answer.err and answer.err.message or problem or 'there is no answer'
    return tell(('%s: %s'):format(address, why), vim.log.levels.WARN)
  end
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(vim.trim(text), '\n'))
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
  vim.bo[buffer].filetype = 'markdown'
end

---What a suggestion rests on; the newest without a name.
---@param client vim.lsp.Client
---@param name string?
function M.evidence(client, name)
  document(client, 'Evidence', 'dovetail.showEvidence', { name })
end

---A restart after a death that nobody asked for; three in a minute are enough.
local function died(code, signal, id)
  said[id] = nil
  require('dovetail.progress').forget(id)
  if stopped[id] then
    stopped[id] = nil
    return
  elseif vim.v.exiting ~= vim.NIL or (code == 0 and signal == 0) or not vim.lsp.is_enabled('dovetail') then
    return
  end
  local now = os.time()
  deaths = vim.tbl_filter(function(when)
    return now - when < 60
  end, deaths)
  deaths[#deaths + 1] = now
  local how = signal ~= 0 and ('signal %d'):format(signal) or ('status %d'):format(code)
  if #deaths > 3 then
    return tell(('the server ended again (%s). `:Dovetail restart` tries anew; see `:checkhealth dovetail`.'):format(how),
      vim.log.levels.ERROR)
  end
  tell(('the server ended (%s) and is started again'):format(how), vim.log.levels.WARN)
  vim.defer_fn(function()
    vim.lsp.enable('dovetail')
  end, 250 * 2 ^ #deaths)
end

---One line for a statusline: the model and what came of it here, what is worked on, or why it is silent.
---@return string
function M.statusline()
  local client = vim.lsp.get_clients({ name = 'dovetail', bufnr = 0 })[1]
  if not client then
    return ''
  end
  local now = said[client.id] or {}
  local waited = require('dovetail.progress').now()
  local says = now.state or 'starting'
  if waited then
    says = waited .. ' …'
  elseif paused then
    says = 'paused'
  elseif now.scanning then
    says = 'reading the project …'
  elseif now.state == 'ready' or now.state == 'idle' then
    says = now.model ~= '' and now.model or 'ready'
    local taken = 0
    for what, count in pairs(now.counts or {}) do
      taken = taken + (vim.endswith(what, ' accepted') and count or 0)
    end
    if taken > 0 then
      says = ('%s, %d accepted'):format(says, taken)
    end
  elseif (now.reason or '') ~= '' then
    says = now.reason
  end
  return 'Dovetail: ' .. says
end

---@param now table
local function report(now)
  local lines = {
    ('- model: **%s**'):format(now.model ~= '' and now.model or 'none'),
    ('- state: %s%s'):format(now.state, now.reason ~= '' and (' (' .. now.reason .. ')') or ''),
    ('- ghost text: %s'):format(paused and 'paused' or (M.options.ghost_text and 'on' or 'off')),
    ('- project: %s'):format(now.scanning and 'being read' or (now.indexed ~= '' and now.indexed or 'no folder')),
    ('- trusted: %s'):format(now.trusted and 'yes' or 'no'),
  }
  local function section(title, counts)
    if counts and next(counts) then
      vim.list_extend(lines, { '', '**' .. title .. '**', '' })
      for what, count in vim.spairs(counts) do
        lines[#lines + 1] = ('- %s: %d'):format(what, count)
      end
    end
  end
  section('In this session', now.counts)
  section('Why it was silent', now.silences)
  require('dovetail.float').markdown('Dovetail', table.concat(lines, '\n'))
end

---Say in words what should be done with what is under the cursor, or with the first to the last of some lines.
local ask ---@type fun(client: vim.lsp.Client, words: string, lines: integer[]?)
ask = function(client, words, lines)
  local function again(prompt)
    vim.ui.input({ prompt = prompt .. ' ', default = words }, function(typed)
      if typed and typed ~= '' then
        ask(client, typed, lines)
      end
    end)
  end
  if words == '' then
    return again('What should be done?')
  end
  local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
  if lines then
    local last = vim.api.nvim_buf_get_lines(0, lines[2] - 1, lines[2], false)[1] or ''
    params = vim.lsp.util.make_given_range_params({ lines[1], 0 }, { lines[2], math.max(0, #last - 1) }, 0, client.offset_encoding)
  end
  local asked = { text = words, uri = params.textDocument.uri, range = params.range }
  local buffer = vim.api.nvim_get_current_buf()
  execute(client, 'Ask', 'dovetail.ask', { asked }, function(said_back)
    if said_back.kind and said_back.question then
      local lines = said_back.lines or {}
      return tell(#lines > 0 and table.concat(lines, '\n') or said_back.question) -- it was understood
    elseif said_back.question then
      return again(said_back.question)
    elseif said_back.action == 'explain' then
      return document(client, 'Explanation', 'dovetail.explain', { said_back.row })
    end
    require('dovetail.preview').choose(client, { title = said_back.title, data = said_back.row }, buffer)
  end)
end

local acts ---@type table<string, fun(client: vim.lsp.Client, words: string, lines: integer[]?)>
acts = {
  status = function(client)
    execute(client, 'Status', 'dovetail.status', {}, function(result)
      said[client.id] = result
      report(result)
    end)
  end,
  stats = function(client)
    document(client, 'Statistics', 'dovetail.showStats', {})
  end,
  evidence = function(client)
    M.evidence(client)
  end,
  why = function(client, words)
    local place = vim.lsp.util.make_position_params(0, client.offset_encoding)
    place.question = words
    document(client, 'What a model would see', 'dovetail.showEvidence', { place })
  end,
  ask = ask,
  undo = function(client) -- not `execute`: what it waits for is the answer to a diff
    client:request('workspace/executeCommand', { command = 'dovetail.undoLast' }, function(problem)
      if problem then
        tell(problem.message, vim.log.levels.WARN)
      end
    end)
  end,
  trust = function(client)
    if not client.root_dir then
      return tell('no folder is open here')
    end
    require('dovetail.server').grant(client.root_dir)
    client:notify('dovetail/trustGranted', { uri = vim.uri_from_fname(client.root_dir) })
    tell('this folder is trusted until Neovim ends; see `:help dovetail-trusted`')
  end,
  cancel = function()
    if not require('dovetail.progress').cancel() then
      tell('nothing is waited for')
    end
  end,
  explain = function(_, _, lines)
    local last = lines and vim.api.nvim_buf_get_lines(0, lines[2] - 1, lines[2], false)[1] or ''
    vim.lsp.buf.code_action({
      apply = true,
      range = lines and { start = { lines[1], 0 }, ['end'] = { lines[2], math.max(0, #last - 1) } } or nil,
      filter = function(action)
        return type(action.command) == 'table' and action.command.command == 'dovetail.explain'
      end,
    })
  end,
  pause = function(client)
    paused = true
    ghost_text(client)
    tell('paused. `:Dovetail resume` goes on.')
  end,
  resume = function(client)
    paused = false
    ghost_text(client)
    tell('suggests again')
  end,
  restart = function(client)
    deaths = {}
    if client then
      stopped[client.id] = true
      client:stop(true)
    end
    vim.defer_fn(function()
      vim.lsp.enable('dovetail')
    end, 500)
  end,
}

local function command(given)
  local name, words = given.args:match('^%s*(%S*)%s*(.-)%s*$')
  local act = acts[name == '' and 'status' or name]
  if not act then
    return tell(('there is no `:Dovetail %s`'):format(name), vim.log.levels.WARN)
  end
  local client = M.client()
  if not client and act ~= acts.restart then
    return tell('no server runs here. Open a file of a supported language, or see `:checkhealth dovetail`.',
      vim.log.levels.WARN)
  end
  act(client, words, given.range > 0 and { given.line1, given.line2 } or nil)
end

---@param given? dovetail.Options
function M.setup(given)
  given = given or {}
  if vim.fn.has('nvim-0.11') == 0 then
    return tell('Neovim 0.11 or newer is needed', vim.log.levels.ERROR)
  end
  for key in pairs(given) do
    if key ~= 'cmd' and M.options[key] == nil then
      error(('dovetail.setup: there is no option `%s`'):format(key))
    end
  end
  if given.keys == false then
    local none = vim.tbl_map(function()
      return false
    end, M.options.keys)
    given = vim.tbl_extend('force', given, { keys = none })
  end
  local trusted = given.trusted
  M.options = vim.tbl_deep_extend('force', M.options, given)
  if trusted ~= nil then
    M.options.trusted = trusted
  end
  local server = require('dovetail.server')
  server.trust = M.options.trusted

  local function explain(_, context, title, name, arguments)
    document(assert(vim.lsp.get_client_by_id(context.client_id)), title, name, arguments)
  end
  vim.lsp.config('dovetail', {
    cmd = M.options.cmd,
    init_options = {
      status = true,
      documents = 'client',
      settings = vim.tbl_isempty(M.options.settings) and vim.empty_dict() or M.options.settings,
      user = vim.tbl_isempty(M.options.user) and vim.empty_dict() or M.options.user,
    },
    before_init = function(params, config)
      params.initializationOptions = vim.tbl_extend('force', params.initializationOptions or {}, {
        workspaceTrusted = server.trusted(config.root_dir),
      })
    end,
    on_init = function(client)
      if M.options.preview then
        require('dovetail.preview').install(client)
      end
    end,
    on_exit = vim.schedule_wrap(died),
    handlers = {
      ['workspace/applyEdit'] = M.options.preview and function(...)
        return require('dovetail.preview').apply_edit(...)
      end or nil,
      ['dovetail/status'] = function(_, now, context)
        local before = said[context.client_id]
        said[context.client_id] = now
        if now.state == 'ready' and (not before or before.state == 'loading') then
          ask_now()
        end
        vim.cmd.redrawstatus()
      end,
      ['window/showMessage'] = function(_, message)
        local levels = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }
        vim.notify(message.message, levels[message.type] or vim.log.levels.INFO)
      end,
    },
    commands = {
      ['dovetail.explain'] = function(asked, context)
        explain(asked, context, 'Explanation', asked.command, asked.arguments)
      end,
      ['dovetail.showEvidence'] = function(asked, context)
        explain(asked, context, 'Evidence', asked.command, asked.arguments)
      end,
    },
  })

  local group = vim.api.nvim_create_augroup('dovetail', {})
  vim.api.nvim_create_autocmd('BufReadCmd', {
    group = group,
    pattern = 'dovetail://*',
    callback = function(event)
      read(event.buf, event.match)
    end,
  })
  vim.api.nvim_create_autocmd('LspProgress', {
    group = group,
    callback = function(event)
      local params = event.data.params
      require('dovetail.progress').told(event.data.client_id, params.token, params.value)
    end,
  })
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if not client or client.name ~= 'dovetail' then
        return
      end
      require('dovetail.resting').attach(client, event.buf)
      if not M.options.ghost_text then
        return
      elseif vim.lsp.inline_completion and not paused then
        -- in 0.12 a client has ghost text where its buffer has; pausing is by client
        vim.lsp.inline_completion.enable(true, { bufnr = event.buf })
      end
      require('dovetail.ghost').attach(client, event.buf)
      require('dovetail.keys').map(event.buf, M.options.keys)
      ask_now()
    end,
  })
  vim.api.nvim_create_user_command('Dovetail', command, {
    nargs = '*',
    range = true,
    desc = 'Dovetail: status, stats, evidence, why, explain, ask, undo, cancel, trust, pause, resume, restart',
    complete = function(start, line)
      if line:match('Dovetail!?%s+%S+%s') then
        return {} -- words of one's own
      end
      return vim.tbl_filter(function(name)
        return vim.startswith(name, start)
      end, vim.fn.sort(vim.tbl_keys(acts)))
    end,
  })
  vim.lsp.enable('dovetail')
  if package.loaded['vim.lsp.client'] then -- else there is no client yet, and a start need not read it
    for _, client in ipairs(vim.lsp.get_clients({ name = 'dovetail' })) do -- called again: what is narrowed is new
      client:notify('workspace/didChangeConfiguration', { settings = { dovetail = M.options.settings } })
    end
  end
end

return M
