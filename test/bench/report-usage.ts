/** Preloaded into a measured process: answers `usage` with its CPU time (µs) and memory (bytes). */
process.on('message', (message) => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpu: user + system, rss: process.memoryUsage.rss() })
  }
})
// A bench that failed must not leave its servers behind.
process.on('disconnect', () => process.exit())
// The channel alone must not keep the process alive.
process.channel?.unref()
