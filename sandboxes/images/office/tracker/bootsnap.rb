# Loaded by RUBYOPT before anything else: halves the start.
require 'bootsnap'
Bootsnap.setup(
  cache_dir: '/var/cache/redmine', development_mode: false, load_path_cache: true,
  compile_cache_iseq: true, compile_cache_yaml: true
)
