/** Let everything that has been promised happen. For tests. */
export const flushPromises = () => new Promise((resolve) => setTimeout(resolve))
