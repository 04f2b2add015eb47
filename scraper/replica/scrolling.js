// Lazy pictures, batches on scrolling, and the more-button; GRID, MORE and SHAPES stand before it.
(function(){
  var grid=document.getElementById(GRID),more=document.querySelector(MORE),busy=false;
  var KEPT=60,turn=0; // nodes of a grid that recycles them, and how often it did
  var eye=new IntersectionObserver(function(es){es.forEach(function(e){
    if(e.isIntersecting){eye.unobserve(e.target);show(e.target);}});},{rootMargin:'500px'});
  function show(i){
    if(i.hasAttribute('data-srcset')){i.srcset=i.getAttribute('data-srcset');return;}
    if(i.hasAttribute('data-src')){i.src=i.getAttribute('data-src');return;}
    fetch(i.getAttribute('data-blob')).then(function(r){return r.blob();}).then(function(b){
      var url=URL.createObjectURL(b);
      i.onload=function(){URL.revokeObjectURL(url);};i.src=url;});
  }
  function lazy(root){
    var is=root.querySelectorAll('img[data-src],img[data-srcset],img[data-blob]');
    for(var n=0;n<is.length;n++){
      var src=is[n].getAttribute('src');
      if(!src||src.indexOf('data:')===0)eye.observe(is[n]);}
  }
  function end(){var es=document.querySelectorAll('.pxe');return es[es.length-1];}
  function give(node,tile){ // an old node shows another result
    while(node.attributes.length)node.removeAttribute(node.attributes[0].name);
    for(var n=0;n<tile.attributes.length;n++)
      node.setAttribute(tile.attributes[n].name,tile.attributes[n].value);
    node.innerHTML=tile.innerHTML;
  }
  function recycle(box){
    var old=[].slice.call(grid.querySelectorAll('.pxt')),taken=0;
    if(old.length<KEPT)return;
    [].slice.call(box.querySelectorAll('.pxt')).forEach(function(tile){
      give(old[turn++%old.length],tile);tile.remove();taken++;});
    grid.style.paddingTop=(parseInt(grid.style.paddingTop||0,10)+60*taken)+'px';
  }
  function hide(root){
    root.querySelectorAll('.pxt').forEach(function(tile){
      var host=document.createElement('div');
      tile.parentNode.replaceChild(host,tile);
      host.attachShadow({mode:'open'}).appendChild(tile);});
  }
  // Google's batches: parts, each with its length in hexadecimal before it; the first is the
  // session's, the second HTML, the third pairs of key and data that stay in memory.
  function parts(text){
    var at=text.indexOf('\n')+1,found=[];
    while(at<text.length){
      var cut=text.indexOf(';',at),size=parseInt(text.slice(at,cut),16);
      found.push(text.slice(cut+1,cut+1+size));at=cut+1+size;}
    var data=JSON.parse(found[2]);
    window.W_jd=window.W_jd||{};
    for(var n=0;n<data.length;n++)window.W_jd[data[n][0]]=data[n][1];
    return found[1];
  }
  function take(text){
    var html=text.indexOf(")]}'")===0?parts(text):text;
    var box=document.createElement('div');box.innerHTML=html;
    var scripts=[];box.querySelectorAll('script').forEach(function(s){scripts.push(s.text);s.remove();});
    lazy(box);
    if(SHAPES.recycled)recycle(box);
    if(SHAPES.shadow)hide(box);
    while(box.firstChild)grid.appendChild(box.firstChild);
    if(SHAPES.recycled)lazy(grid);
    scripts.forEach(function(text){var s=document.createElement('script');s.text=text;document.body.appendChild(s);});
  }
  function load(){
    var last=end(),url=last&&last.getAttribute('data-next');
    if(busy||!url){return;}
    busy=true;more.style.display='none';
    fetch(url,{credentials:'same-origin'}).then(function(r){return r.ok?r.text():Promise.reject(r.status);})
      .then(function(html){busy=false;take(html);look();},function(){busy=false;more.style.display='';});
  }
  function look(){
    var last=end();
    if(!last||!last.getAttribute('data-next')||SHAPES['no-growth']||SHAPES.stuck){
      more.style.display='none';return;}
    if(last.getAttribute('data-wait')){more.style.display='';return;}
    foot.unobserve(sentinel);foot.observe(sentinel);
  }
  var sentinel=document.createElement('div');sentinel.style.height='1px';
  grid.parentNode.insertBefore(sentinel,grid.nextSibling);
  var missed=null; // the end that a dozing page has not noticed
  var foot=new IntersectionObserver(function(es){
    var last=end();
    if(SHAPES.dozing&&es[es.length-1].isIntersecting&&missed!==last){missed=last;return;}
    if(es[es.length-1].isIntersecting&&last&&!last.getAttribute('data-wait'))load();},{rootMargin:'900px'});
  if(SHAPES.panel){
    document.body.style.cssText='margin:0;height:100vh;overflow:hidden';
    var panel=document.createElement('main');panel.style.cssText='height:90vh;overflow-y:auto';
    grid.parentNode.insertBefore(panel,grid);panel.append(grid,sentinel,more);}
  more.addEventListener('click',function(e){e.preventDefault();load();});
  lazy(document);if(SHAPES.shadow)hide(document);look();
})();
