import access from './access.json' with { type: 'json' }
import audit from './audit.json' with { type: 'json' }
import board from './board.json' with { type: 'json' }
import booking from './booking.json' with { type: 'json' }
import codes from './codes.json' with { type: 'json' }
import common from './common.json' with { type: 'json' }
import desk from './desk.json' with { type: 'json' }
import errors from './errors.json' with { type: 'json' }
import feeds from './feeds.json' with { type: 'json' }
import inventory from './inventory.json' with { type: 'json' }
import messages from './messages.json' with { type: 'json' }
import patients from './patients.json' with { type: 'json' }
import people from './people.json' with { type: 'json' }
import rosters from './rosters.json' with { type: 'json' }
import schedule from './schedule.json' with { type: 'json' }
import settings from './settings.json' with { type: 'json' }
import staff from './staff.json' with { type: 'json' }
import today from './today.json' with { type: 'json' }
import verify from './verify.json' with { type: 'json' }
import witness from './witness.json' with { type: 'json' }

export const resources = {
  access,
  audit,
  board,
  booking,
  codes,
  common,
  desk,
  errors,
  feeds,
  inventory,
  messages,
  patients,
  people,
  rosters,
  schedule,
  settings,
  staff,
  today,
  verify,
  witness,
}
