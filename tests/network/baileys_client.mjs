// An independent WhatsApp client for the tests: Baileys, driven by JSON lines.
//
// Usage: node baileys_client.mjs BAILEYS_HOME WEBSOCKET_URL NOISE_ROOT_HEX STATE_DIR
//
// Baileys is looked up in BAILEYS_HOME/node_modules, so that the checkout stays
// free of npm. Each line on stdin is a command {id, op, ...}; each line on
// stdout is an event {event, ...} or an answer {id, ok, value | error}.
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [home, url, noiseRoot, stateDir] = process.argv.slice(2)
const require = createRequire(pathToFileURL(`${home}/package.json`))
const load = (name) => import(pathToFileURL(require.resolve(name)))
const { default: makeWASocket, useMultiFileAuthState, DisconnectReason } = await load('baileys')
const { WA_CERT_DETAILS } = await load('baileys/lib/Defaults/index.js')

// The root key is a constant of the library; the emulated network has its own.
Buffer.from(noiseRoot, 'hex').copy(WA_CERT_DETAILS.PUBLIC_KEY)

const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')
// libsignal reports its sessions with console.log; stdout belongs to the answers.
console.log = console.info = console.warn = console.error

const silent = { level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} }

let socket

function textOf(message) {
  return message?.conversation ?? message?.extendedTextMessage?.text ?? null
}

async function connect() {
  const { state, saveCreds } = await useMultiFileAuthState(stateDir)
  socket = makeWASocket({
    auth: state,
    logger: silent,
    waWebSocketUrl: url,
    browser: ['wakit tests', 'Chrome', '1'],
    // Without a history to come it need not hold back live events for its first 20 seconds.
    shouldSyncHistoryMessage: () => false,
  })
  socket.ev.on('creds.update', saveCreds)
  socket.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
    if (qr) say({ event: 'qr', qr })
    if (connection === 'open') say({ event: 'open', me: socket.user })
    if (connection !== 'close') return
    const code = lastDisconnect?.error?.output?.statusCode
    if (code === DisconnectReason.restartRequired) connect()
    else say({ event: 'close', code })
  })
  socket.ev.on('messages.upsert', ({ messages }) => {
    for (const { key, message, pushName } of messages) {
      say({ event: 'message', key, text: textOf(message), pushName })
    }
  })
  socket.ev.on('messages.update', (updates) => {
    for (const { key, update } of updates) say({ event: 'update', message: key.id, status: update.status ?? null })
  })
}

const operations = {
  send: ({ to, text }) => socket.sendMessage(to, { text }),
  read: ({ key }) => socket.readMessages([key]),
  create_group: ({ subject, members }) => socket.groupCreate(subject, members),
  end: async () => process.exit(0),
}

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { id, op, ...rest } = JSON.parse(line)
    try {
      say({ id, ok: true, value: (await operations[op](rest)) ?? null })
    } catch (error) {
      say({ id, ok: false, error: String(error) })
    }
  })
  .on('close', () => process.exit(0))

await connect()
