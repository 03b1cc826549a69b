post 'office/welcome', to: 'office#welcome'
post 'office/seed', to: 'office#seed'
get 'office/state', to: 'office#state'
