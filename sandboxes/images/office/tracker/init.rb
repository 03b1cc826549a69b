# The way in for the office's own programs; nginx does not let anybody else come here.
Redmine::Plugin.register :office do
  name 'Office'
  description 'Fills the tracker and tells what is in it'
  version '1'
end
