/** The least that a streaming function can be: the yardstick of the cold start. */
export const handler = awslambda.streamifyResponse(async (_event, stream) => {
  stream.end()
})
