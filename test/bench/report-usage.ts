/** Preloaded into a measured process: answers `usage` with its CPU time (µs) and memory (bytes). */
process.on('message', (message) => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpu: user + system, rss: process.memoryUsage.rss() })
  }
})
// The channel alone must not keep the process alive, nor end it.
process.channel?.unref()
