import { refusal } from '../../failure.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { CreateEquipment, CreateRoom, UpdateEquipment, UpdateRoom } from './place-documents.ts'

export type PlaceFields = { name: string; kind: string; position: number; serialNumber: string | null }
type Known = { id: string; version: number }

/** Creates or changes a room or a machine; answers why not, or null. */
export function usePlaceCommands(what: 'room' | 'equipment') {
  const textOf = useFailureText()
  const createRoom = useCommand(CreateRoom, (data) => data.createRoom)
  const updateRoom = useCommand(UpdateRoom, (data) => data.updateRoom)
  const createEquipment = useCommand(CreateEquipment, (data) => data.createEquipment)
  const updateEquipment = useCommand(UpdateEquipment, (data) => data.updateEquipment)

  function send(current: Known | null, { name, kind, position, serialNumber }: PlaceFields, isArchived: boolean | null) {
    const room = { name: name.trim(), kind, position }
    const machine = { ...room, serialNumber: serialNumber?.trim() || null }
    if (current === null) return what === 'room' ? createRoom.run({ input: room }) : createEquipment.run({ input: machine })
    const change = { id: current.id, version: current.version, ...(isArchived === null ? {} : { isArchived }) }
    return what === 'room' ? updateRoom.run({ input: { ...room, ...change } }) : updateEquipment.run({ input: { ...machine, ...change } })
  }

  async function save(current: Known | null, fields: PlaceFields, isArchived: boolean | null): Promise<string | null> {
    const { payload, failure } = await send(current, fields, isArchived)
    if (payload === null) return textOf(failure)
    return payload.__typename === 'Room' || payload.__typename === 'Equipment' ? null : textOf(refusal(payload))
  }
  const isRunning = [createRoom, updateRoom, createEquipment, updateEquipment].some((command) => command.isRunning)
  return { save, isRunning }
}
