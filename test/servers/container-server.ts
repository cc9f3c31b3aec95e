// Runs a server in a container when Docker (or a program with its interface) answers.

import { setTimeout as delay } from 'node:timers/promises'
import type { ServerRecipe } from './server-recipes.ts'

export interface ContainerServer {
  readonly url: string
  stop(): Promise<void>
}

/** How long a container may take from its start to its first answer, in milliseconds. Pulling the image comes before. */
const startLimit = 60_000

/** True when a container engine answers. */
export async function hasContainerEngine(): Promise<boolean> {
  // Loaded only when it is needed: it takes half a second.
  const { getContainerRuntimeClient } = await import('testcontainers')
  try {
    await getContainerRuntimeClient()
    return true
  } catch {
    return false
  }
}

/** testcontainers' own watcher removes the container when this process ends in whatever way. */
export async function startContainerServer(recipe: ServerRecipe): Promise<ContainerServer> {
  const { GenericContainer } = await import('testcontainers')
  const { image, port, environment, command, url } = recipe.container
  const container = await new GenericContainer(image)
    .withEnvironment({ ...environment })
    .withCommand([...command])
    .withExposedPorts(port)
    .start()
  const address = url(container.getHost(), container.getMappedPort(port))
  const deadline = Date.now() + startLimit
  for (;;) {
    try {
      // The images of PostgreSQL and MariaDB start twice and answer in between only on a socket of their own.
      await recipe.probe(address)
      return { url: address, stop: async () => void (await container.stop()) }
    } catch (error) {
      if (Date.now() > deadline) {
        await container.stop()
        throw error
      }
      await delay(100)
    }
  }
}
